# Going on on a phone, in English. Gaps as in hosted.ftl.

continue-on-phone = Continue on your phone
continue-here = Continue here instead

## The first screen

hand-off-title = Scan this with your phone
hand-off-lead = Your phone names { $app } first, then asks which words are shown here.
hand-off-code = QR code that opens this step on your phone
hand-off-phrase = The words to choose on your phone
hand-off-time = This code works for { $time }
hand-off-late-title = The code has run out
hand-off-late-lead = Each code works for two minutes. Everything here is as you left it.
hand-off-refused-title = The words did not match
hand-off-refused-lead = Other words were chosen on a phone, so the code no longer works. If that was not you, continue here.
hand-off-again = Show a new code
hand-off-waiting-title = Now continue on your phone
hand-off-waiting-lead = This page finishes by itself when you are done there.

## The phone

hand-off-question = Which words are on the other screen?
hand-off-none = None of these
hand-off-warning = Continue only if you opened { $app } on that screen yourself. If someone sent you this code, choose “None of these”.
hand-off-screen = Other screen
hand-off-private = In a private network
hand-off-network = In the network { $network }
hand-off-shared = The same network as this phone
hand-off-apart = Another network than this phone
hand-off-wrong-title = Those words are not shown there
hand-off-wrong-lead = Nothing was opened on this phone. To try again, show a new code on the other screen.
hand-off-no-longer-title = This code is no longer valid
hand-off-no-longer-lead = A code works once and for two minutes. Show a new one on the other screen.
hand-off-taken-back-title = The other screen has taken over
hand-off-close-lead = You may close this page.
hand-off-done = Go back to the other screen; it continues by itself. You may close this page.
hand-off-ended-title = Nothing was connected
hand-off-ended-lead = The other screen continues by itself. You may close this page.

## The words to choose from

phrase-quiet-river = quiet river
phrase-red-bicycle = red bicycle
phrase-old-lighthouse = old lighthouse
phrase-warm-bread = warm bread
phrase-sleepy-owl = sleepy owl
phrase-green-umbrella = green umbrella
phrase-paper-boat = paper boat
phrase-golden-key = golden key
phrase-wooden-bridge = wooden bridge
phrase-silver-spoon = silver spoon
phrase-ripe-lemon = ripe lemon
phrase-snowy-mountain = snowy mountain
phrase-blue-door = blue door
phrase-clever-fox = clever fox
phrase-round-table = round table
phrase-tall-tree = tall tree
phrase-white-feather = white feather
phrase-full-moon = full moon
phrase-open-window = open window
phrase-striped-cat = striped cat
phrase-soft-pillow = soft pillow
phrase-hot-soup = hot soup
phrase-long-train = long train
phrase-purple-flower = purple flower
