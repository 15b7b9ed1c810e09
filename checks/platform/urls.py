"""The pages of the site, behind its session, and its API, behind a token."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView
from two_factor.urls import urlpatterns as two_factor

import views

urlpatterns = [
    path("", include(two_factor)),
    path("account/logout/", LogoutView.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("notes/", views.notes),
    path("files/", views.upload),
    path("files/<int:length>/", views.download),
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/me/", views.api_me),
    path("api/notes/", views.api_notes),
    path("api/files/", views.api_upload),
    path("api/files/<int:length>/", views.api_download),
]
