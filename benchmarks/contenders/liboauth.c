/* liboauth. The form is given as text, as part of the URL, as its own examples do. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <oauth.h> /* needs size_t */

#define MOST 100000
static char *methods[MOST], *targets[MOST];

static char *sign(const char *method, const char *target, char **keys)
{
    char **parameters = NULL, *items, *header;
    int count = oauth_split_post_paramters(target, &parameters, 0);
    oauth_sign_array2_process(&count, &parameters, NULL, OA_HMAC, method, keys[0], keys[1], keys[2], keys[3]);
    items = oauth_serialize_url_sep(count, 1, parameters, ", ", 6);
    if (asprintf(&header, "OAuth %s", items) < 0)
        abort();
    oauth_free_array(&count, &parameters);
    free(items);
    return header;
}

static int load(const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    if (!file)
        abort();
    while (count < MOST && getline(&line, &size, file) > 0) {
        char *rest = line, *uri, *form;
        free(methods[count]);
        free(targets[count]);
        methods[count] = strdup(strsep(&rest, "\t"));
        uri = strsep(&rest, "\t");
        form = strsep(&rest, "\t");
        if (asprintf(&targets[count++], "%s%s%s", uri, *form ? strchr(uri, '?') ? "&" : "?" : "", form) < 0)
            abort();
    }
    free(line);
    fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    char line[4096];
    if (argc != 5)
        return 2;
    printf("liboauth (C)\t" LIBOAUTH_VERSION "\ttext\tsign\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        char *path = line, *verb = strsep(&path, "\t");
        struct timespec start, end;
        int count, i;
        path[strcspn(path, "\n")] = 0;
        count = load(path);
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (i = 0; i < count; i++) {
            char *header = sign(methods[i], targets[i], argv + 1);
            if (!strcmp(verb, "sign"))
                puts(header);
            free(header);
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (strcmp(verb, "sign"))
            printf("%.12f\n", (end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9) / count);
        fflush(stdout);
    }
    return 0;
}
