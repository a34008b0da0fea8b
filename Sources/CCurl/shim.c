#include "CCurl.h"
#include <dlfcn.h>
#include <pthread.h>

static CURLcode (*global_init)(long);
static CURL *(*easy_init)(void);
static void (*easy_cleanup)(CURL *);
static void (*easy_reset)(CURL *);
static CURLcode (*easy_perform)(CURL *);
static const char *(*easy_strerror)(CURLcode);
static CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
static CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
static time_t (*get_date)(const char *, const time_t *);
static struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
static void (*slist_free_all)(struct curl_slist *);

static CURLcode started = CURLE_FAILED_INIT;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int find(void *library, const char *name, void *place) {
  *(void **)place = dlsym(library, name);
  return *(void **)place != NULL;
}

static void start(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  if (find(library, "curl_global_init", &global_init) && find(library, "curl_easy_init", &easy_init) &&
      find(library, "curl_easy_cleanup", &easy_cleanup) && find(library, "curl_easy_reset", &easy_reset) &&
      find(library, "curl_easy_perform", &easy_perform) && find(library, "curl_easy_strerror", &easy_strerror) &&
      find(library, "curl_easy_setopt", &easy_setopt) && find(library, "curl_easy_getinfo", &easy_getinfo) &&
      find(library, "curl_getdate", &get_date) && find(library, "curl_slist_append", &slist_append) &&
      find(library, "curl_slist_free_all", &slist_free_all))
    started = global_init(CURL_GLOBAL_DEFAULT);
}

CURLcode scv_curl_start(void) {
  pthread_once(&once, start);
  return started;
}

CURL *scv_curl_open(void) { return easy_init(); }
void scv_curl_close(CURL *handle) { easy_cleanup(handle); }
void scv_curl_reset(CURL *handle) { easy_reset(handle); }
CURLcode scv_curl_perform(CURL *handle) { return easy_perform(handle); }
const char *scv_curl_message(CURLcode code) { return easy_strerror(code); }
time_t scv_curl_seconds(const char *date) { return get_date(date, NULL); }
struct curl_slist *scv_curl_append(struct curl_slist *list, const char *text) { return slist_append(list, text); }
void scv_curl_free(struct curl_slist *list) { slist_free_all(list); }
CURLcode scv_curl_set_string(CURL *handle, CURLoption option, const char *value) { return easy_setopt(handle, option, value); }
CURLcode scv_curl_set_long(CURL *handle, CURLoption option, long value) { return easy_setopt(handle, option, value); }
CURLcode scv_curl_set_off(CURL *handle, CURLoption option, curl_off_t value) { return easy_setopt(handle, option, value); }
CURLcode scv_curl_set_pointer(CURL *handle, CURLoption option, void *value) { return easy_setopt(handle, option, value); }
CURLcode scv_curl_set_data(CURL *handle, CURLoption option, scv_curl_data callback) { return easy_setopt(handle, option, callback); }
CURLcode scv_curl_get_long(CURL *handle, CURLINFO info, long *value) { return easy_getinfo(handle, info, value); }
CURLcode scv_curl_get_off(CURL *handle, CURLINFO info, curl_off_t *value) { return easy_getinfo(handle, info, value); }
CURLcode scv_curl_get_string(CURL *handle, CURLINFO info, const char **value) { return easy_getinfo(handle, info, value); }
