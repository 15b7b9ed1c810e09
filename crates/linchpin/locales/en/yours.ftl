# The end user's own page of a connection, in English. See hosted.ftl for the values that every message may use.

keep-link = See or end this connection at any time
keep-note = Keep this private link; whoever has it can do so.
connection-title = Your { $provider } account in { $app }
connection-lead = This is what you have connected to { $app } ({ $domain }).
connection-lead-no-domain = This is what you have connected to { $app }.
connection-status = Status
connection-since = Connected since
connection-no-permissions = No permissions were given.
status-active = Active
status-sign-in-again = Cannot be used until you sign in again
status-ended-by-app = Ended by { $app }
disconnect = Disconnect
disconnect-title = Disconnect { $app }?
disconnect-lead = { $app } will no longer be able to use your { $provider } account. You can connect it again later.
disconnect-not = Keep it connected
disconnected-title = Disconnected
disconnected-sentence = { $app } can no longer use your { $provider } account.
disconnected-rest = The sign-in that was kept for it is deleted. What { $app } has received before stays with { $app }.
no-connection-title = No connection here
no-connection-sentence = It has been ended, or the link is incomplete. The app that you connected can tell you more.
