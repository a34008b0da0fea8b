#pragma once
#include <curl/curl.h>
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
// A macro with a cast in it, which Swift does not see; curl_global_init once for all threads.
CURLcode scv_curl_start(void);
