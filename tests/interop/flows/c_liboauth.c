/* liboauth, with the parameters in the query or the form, sent by its own functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oauth.h>

static char *key, *secret, *token, *token_secret;

static char *checked(char *reply) {
    if (reply == NULL || strstr(reply, "oauth_problem")) {
        fprintf(stderr, "%s\n", reply ? reply : "no reply");
        exit(1);
    }
    return reply;
}

static char *get(const char *url) {
    char *address = oauth_sign_url2(url, NULL, OA_HMAC, "GET", key, secret, token, token_secret);
    char *mark = strchr(address, '?');
    *mark = '\0';
    return checked(oauth_http_get(address, mark + 1));
}

static char *post(const char *url) {
    char *form = NULL;
    char *address = oauth_sign_url2(url, &form, OA_HMAC, "POST", key, secret, token, token_secret);
    return checked(oauth_http_post(address, form));
}

/* Return a field of a form, decoded. */
static char *field(const char *form, const char *name) {
    char **pairs = NULL;
    int count = oauth_split_post_paramters(form, &pairs, 0);
    for (int i = 0; i < count; i++)
        if (strncmp(pairs[i], name, strlen(name)) == 0 && pairs[i][strlen(name)] == '=')
            return oauth_url_unescape(pairs[i] + strlen(name) + 1, NULL);
    fprintf(stderr, "no %s in the reply\n", name);
    exit(1);
}

static char *between(char *text, const char *before, char after) {
    char *start = strstr(text, before) + strlen(before);
    *strchr(start, after) = '\0';
    return start;
}

int main(int count, char **given) {
    char url[4096], answer[4096];
    (void)count;
    key = given[5], secret = given[6];
    char *escaped = oauth_url_escape(given[7]);
    snprintf(url, sizeof url, "%s?oauth_callback=%s", given[1], escaped);
    char *reply = post(url);
    token = field(reply, "oauth_token"), token_secret = field(reply, "oauth_token_secret");
    printf("%s?oauth_token=%s\n", given[2], token);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL) return 1;
    answer[strcspn(answer, "\n")] = '\0';
    char *verifier = strcmp(given[7], "oob") ? field(strchr(answer, '?') + 1, "oauth_verifier") : answer;
    snprintf(url, sizeof url, "%s?oauth_verifier=%s", given[3], verifier);
    reply = post(url);
    token = field(reply, "oauth_token"), token_secret = field(reply, "oauth_token_secret");
    snprintf(url, sizeof url, "%s/sms/json?from=C&to=15551234567&text=a%%2Bb%%20%%26%%20c%%20100%%20%%25", given[4]);
    char *sent = between(post(url), "\"status\":\"", '"');
    snprintf(url, sizeof url, "%s/account/get-balance?unused=1%%20%%2B%%201", given[4]);
    printf("%s %s\n", sent, between(get(url), "\"value\":", ','));
    return 0;
}
