/* liboauth. The form is given as text, as part of the URL, as its own examples do. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include <oauth.h> /* needs size_t */

static const char *names[] = {"HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"};
static char *base_string;

/* These two stand in the place of the library's own, which it calls: to see what is signed. */
static char *watched(const char *name, const char *text, const char *key)
{
    char *(*own)(const char *, const char *) = dlsym(RTLD_NEXT, name);
    free(base_string);
    base_string = strdup(text);
    return own(text, key);
}

char *oauth_sign_hmac_sha1(const char *text, const char *key) { return watched("oauth_sign_hmac_sha1", text, key); }

char *oauth_sign_rsa_sha1(const char *text, const char *key) { return watched("oauth_sign_rsa_sha1", text, key); }

static const char *member(json_object *object, const char *name)
{
    json_object *value;
    return object && json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string)
               ? json_object_get_string(value) : NULL;
}

static void add(int *count, char ***parameters, const char *name, const char *value)
{
    char *pair;
    if (asprintf(&pair, "%s=%s", name, value) < 0)
        abort();
    oauth_add_param_to_array(count, parameters, pair);
    free(pair);
}

/* Add the reply to an input of "sign". */
static void sign(json_object *reply, json_object *in)
{
    const char *uri = member(in, "uri"), *form = member(in, "form"), *method = member(in, "signature_method");
    json_object *client = json_object_object_get(in, "client"), *token = json_object_object_get(in, "token");
    json_object *further = json_object_object_get(in, "protocol_parameters");
    json_object *key = json_object_object_get(in, "rsa_key");
    const char *secret = key ? member(key, "privateKeyPem") : member(client, "secret"), *unsupported = NULL;
    char *target, **parameters = NULL, *header;
    int kind = 0, count, i;
    while (kind < 3 && strcmp(names[kind], method))
        kind++;
    if (!uri || !form)
        unsupported = "octets that are not UTF-8";
    else if (kind == 3)
        unsupported = "a method other than HMAC-SHA1, RSA-SHA1, PLAINTEXT";
    else if (!member(in, "version"))
        unsupported = "a request without oauth_version";
    if (unsupported) {
        json_object_object_add(reply, "unsupported", json_object_new_string(unsupported));
        return;
    }
    if (asprintf(&target, "%s%s%s", uri, *form ? strchr(uri, '?') ? "&" : "?" : "", form) < 0)
        abort();
    count = oauth_split_post_paramters(target, &parameters, 0);
    add(&count, &parameters, "oauth_timestamp", member(in, "timestamp"));
    add(&count, &parameters, "oauth_nonce", member(in, "nonce"));
    for (i = 0; i < (int)json_object_array_length(further); i++) {
        json_object *pair = json_object_array_get_idx(further, i);
        add(&count, &parameters, json_object_get_string(json_object_array_get_idx(pair, 0)),
            json_object_get_string(json_object_array_get_idx(pair, 1)));
    }
    free(base_string);
    base_string = NULL;
    oauth_sign_array2_process(&count, &parameters, NULL, kind, member(in, "method"), member(client, "identifier"),
        secret, member(token, "identifier"), member(token, "secret"));
    char *items = oauth_serialize_url_sep(count, 1, parameters, ", ", 6);
    if (asprintf(&header, "OAuth %s", items) < 0)
        abort();
    json_object_object_add(reply, "output", json_object_new_string(header));
    if (base_string)
        json_object_object_add(reply, "base_string", json_object_new_string(base_string));
    oauth_free_array(&count, &parameters);
    free(items);
    free(header);
    free(target);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        json_object *request = json_tokener_parse(line), *reply = json_object_new_object();
        json_object_object_add(reply, "id", json_object_new_string(member(request, "id")));
        if (strcmp(member(request, "function"), "sign"))
            json_object_object_add(reply, "unsupported", json_object_new_string("the function"));
        else
            sign(reply, json_object_object_get(request, "input"));
        puts(json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN));
        fflush(stdout);
        json_object_put(request);
        json_object_put(reply);
    }
    free(line);
    return 0;
}
