#pragma once
#include <curl/curl.h>
// libcurl and the thirty libraries that come with it are loaded when the first request is made: most commands make none, and
// loading takes longer than reading a small project does. scv_curl_start loads it, and initialises it, for all threads; nothing
// else here may be called unless it has given CURLE_OK.
CURLcode scv_curl_start(void);
CURL *scv_curl_open(void);
void scv_curl_close(CURL *handle);
void scv_curl_reset(CURL *handle);
CURLcode scv_curl_perform(CURL *handle);
const char *scv_curl_message(CURLcode code);
time_t scv_curl_seconds(const char *date);
struct curl_slist *scv_curl_append(struct curl_slist *list, const char *text);
void scv_curl_free(struct curl_slist *list);
// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one typed wrapper each.
typedef size_t (*scv_curl_data)(char *bytes, size_t size, size_t count, void *context);
CURLcode scv_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode scv_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode scv_curl_set_off(CURL *handle, CURLoption option, curl_off_t value);
CURLcode scv_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode scv_curl_set_data(CURL *handle, CURLoption option, scv_curl_data callback);
CURLcode scv_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode scv_curl_get_off(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode scv_curl_get_string(CURL *handle, CURLINFO info, const char **value);
