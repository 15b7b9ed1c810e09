# Signing in on the provider's own page, in English. Gaps as in hosted.ftl.

next-elsewhere = You sign in at { $provider }. { $app } never sees your password.

## The way there

elsewhere-title = Sign in at { $provider }
elsewhere-lead = { $provider } asks you on its own page, and brings you back here. Nobody here sees your password.
elsewhere-go = Continue to { $provider }
elsewhere-underway-title = Finish at { $provider }
elsewhere-underway-lead = Sign in on the page of { $provider } that has opened. You come back by yourself.
elsewhere-waiting = Waiting for { $provider }. This page goes on by itself.
elsewhere-again = Open { $provider } once more
elsewhere-denied = You said no at { $provider }. Continue for another try, or cancel.
elsewhere-leaving-title = Taking you to { $provider }
elsewhere-leaving-lead = If nothing happens, use the button.

## The way back

elsewhere-back-title = You are back
elsewhere-back-lead = Continue to connect { $provider } to { $app }.
elsewhere-close-title = You can close this window
elsewhere-close-lead = The page where you began goes on by itself.
elsewhere-other-title = This did not begin here
elsewhere-other-lead = You came back in another browser than you left from, or too late. Nothing was connected. Start again from the app that sent you here.
elsewhere-stray-title = Something is missing here
elsewhere-stray-lead = The answer that brought you here is not complete. Nothing was connected. Go back to where you came from and start again.
