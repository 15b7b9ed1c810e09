# The hosted pages in English. Each message is a whole sentence or a whole label; no page joins two into one. Every
# message may use { $app } (the app's name), { $provider } (the provider's name) and, where the message's name does not
# say otherwise, what its neighbours here use.

language-name = English
document-title = { $title } · { $app }

## Around every page

secured-by = Secured by Linchpin
language-choice = Language: English
theme-choice = Theme
theme-auto = Automatic theme
theme-light = Light theme
theme-dark = Dark theme
time-left = { $time } left to finish
offline = We could not reach the server. Check your connection; what you typed is still here.
try-again = Try again
still-working = Still working on it
still-checking = Still checking with { $provider }
covered = Something covers this page. Uncover it, then press again.
look-again = Look again
cancel = Cancel
continue = Continue
link-website = Website
link-privacy = Privacy
link-terms = Terms
link-support = Help
back-to-app = Back to { $app }

## Sandbox

sandbox-banner = Sandbox: nothing here is real
sandbox-accounts = Test accounts
sandbox-password = Password of every account: { $password }
sandbox-fill = Use
sandbox-fill-label = Use { $email }
sandbox-creator = Creator
sandbox-fan = Fan
sandbox-app-code = Authenticator code 123456
sandbox-texted-code = Texted code 123456
sandbox-approval = Approval elsewhere, granted after 3 seconds
sandbox-locked = Account is locked
sandbox-slow = Takes 5 seconds to check
sandbox-unavailable = Provider cannot be reached
sandbox-short-lived = Connection that ends by itself
sandbox-emailed-code = E-mailed code 123456
sandbox-choice = Three ways to choose from, codes 123456
sandbox-question = Security question, answer blue
sandbox-challenge = Picture that shows what to type

sandbox-permission-profile-read = Your profile: name, username and picture
sandbox-permission-profile-write = Edit your profile: name, description and picture
sandbox-permission-posts-read = Your posts, scheduled ones included
sandbox-permission-posts-write = Publish, edit and delete posts in your name
sandbox-permission-messages-read = Your messages and who wrote them
sandbox-permission-messages-write = Send messages to your subscribers in your name
sandbox-permission-subscribers-read = Who subscribes to you, and since when
sandbox-permission-subscribers-write = Sort your subscribers into lists, mute and block them
sandbox-permission-vault-read = Your vault: photos and videos, unpublished ones included
sandbox-permission-analytics-read = Your statistics: visits, likes and growth
sandbox-permission-earnings-read = Your earnings: payments, tips and payouts
sandbox-permission-notifications-read = Your notifications

## Before the sign-in

pre-login-title = Connect { $provider } to { $app }
pre-login-title-choice = Connect an account to { $app }
pre-login-lead = { $app } ({ $domain }) would like to use your account.
pre-login-lead-no-domain = { $app } would like to use your account.
reconnect-title = Sign in to { $provider } again
reconnect-lead = { $app } ({ $domain }) has lost its connection to your account.
reconnect-lead-no-domain = { $app } has lost its connection to your account.
choose-provider = Which account?
next-choose = You choose what { $app } may see and change.
next-sign-in = You sign in. Your password is used once and not kept.
next-return = You return to { $app }, and can end the connection there.

## Permissions

authorization-title = What may { $app } do?
authorization-lead = The app asks for this in your { $provider } account.
can-see = Can see
can-change = Can change
permission-required = Required
permission-new = New
permission-risky = Sensitive
kept-what = What is kept
kept-what-answer = Your name, username and what you allow here. Never your password.
kept-how-long = For how long
kept-how-long-answer = Until you or { $app } end the connection.
kept-end = To end it
kept-end-answer = Disconnect in { $app } at any time.
allow = Allow and continue
decline = Decline

## Sign-in

login-title = Sign in to { $provider }
login-lead = Your account will be connected to { $app }.
username = E-mail or username
email = E-mail address
password = Password
password-show = Show
password-hide = Hide
password-note = Used once to sign in, and not kept.
caps-lock = Caps Lock is on.
sign-in = Sign in
login-wrong =
    { $count ->
        [one] Username and password do not match. One try left.
       *[other] Username and password do not match. { $count } tries left.
    }
login-unknown-sandbox-domain = Only the test accounts above work in the sandbox.
login-incomplete-username = Enter your e-mail or username.
login-incomplete-email = Enter your e-mail address.
login-incomplete-password = Enter your password.
login-different-account = This is another account. Sign in to the one that was connected before.
login-linked-to-another-user = This account is connected by someone else in { $app }. Use another account.
provider-unavailable = { $provider } does not answer at the moment. Wait a little, then try again.
declined = The request was declined on your other device. Sign in again for another try.
interrupted = That took too long on our side and does not count as a try. Please try again.

## Second factor

code-app-title = Enter your authenticator code
code-app-lead = Open your authenticator app and copy the code for { $provider }.
code-phone-title = Enter the code we texted
code-phone-lead = { $provider } sent it to your number ending in { $digits }.
code-email-title = Enter the code from your e-mail
code-email-lead = { $provider } sent it to { $hint }. It can take a minute, and may be in your spam folder.
code = Code
code-note = Paste it or type it; spaces do not matter.
confirm = Confirm
resend = Send again
resends-left =
    { $count ->
        [one] One text left
       *[other] { $count } texts left
    }
resend-in = Next text in { $time }
no-more-texts = No more texts can be sent.
emails-left =
    { $count ->
        [one] One e-mail left
       *[other] { $count } e-mails left
    }
next-email-in = Next e-mail in { $time }
no-more-emails = No more e-mails can be sent.
another-way = Use another way
code-wrong =
    { $count ->
        [one] That code is not right. One try left.
       *[other] That code is not right. { $count } tries left.
    }
code-expired = That code is too old. Ask for a new one.
code-incomplete = Enter the code, digits only.
code-email-incomplete = Enter the code from the e-mail.
code-cannot-resend = No text can be sent at the moment. Use the last code, or wait a little.
code-email-cannot-resend = No e-mail can be sent at the moment. Use the last code, or wait a little.
question-title = Answer your security question
question-lead = It is the one that you chose in your { $provider } account.
question-note = Write it as you did when you chose it.
shown-title = Type what you see
shown-lead = { $provider } asks for this to be sure that a person is signing in.
shown-note = Take your time; you have more than one try.
answer = Your answer
answer-wrong =
    { $count ->
        [one] That answer is not right. One try left.
       *[other] That answer is not right. { $count } tries left.
    }
answer-incomplete = Enter your answer in up to 256 characters.
approval-title = Approve it on your device
approval-lead = { $provider } has sent a request to your device. Open it there and confirm that it is you.
approval-waiting = Waiting for your approval. This page goes on by itself.
ways-title = Choose another way
ways-lead = How would you like to show { $provider } that it is you?
ways-back = Go back
way-app = Code from your authenticator app
way-phone = Text message to your number ending in { $digits }
way-email = E-mail to { $hint }
way-approval = Approval on your device
way-question = Your security question
way-shown = Typing what { $provider } shows you
way-cannot-start = { $provider } cannot do this at the moment. Use another way, or try again later.

## Waiting, leaving, done

checking-title = Checking with { $provider }
checking-lead = This takes a few seconds. Keep this page open.
leave-title = Stop connecting?
leave-lead = Nothing has been shared with { $app } so far.
leave-stop = Stop and go back to { $app }
leave-go-on = Keep going
done-title = You are connected
done-sentence = { $provider } is now linked to { $app }.
returning = Taking you back now. You may also close this page.

## Ways that go no further

ended-title = This link has ended
ended-sentence = Go back to where you came from and start again. Each link works once, for a short time.
in-use-title = This link is already in use
in-use-sentence = Go on in the window where you began, or start again from the app that sent you here.
forbidden-title = This page is out of date
forbidden-sentence = Nothing was sent. Open your link again to go on where you were.
unavailable-title = One moment, please
unavailable-sentence = We cannot answer right now and nothing was lost. Wait a few seconds, then try again.
