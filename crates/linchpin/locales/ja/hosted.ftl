# The hosted pages in Japanese. Keys and values as in the English file.

language-name = 日本語
document-title = { $title } · { $app }

## Around every page

secured-by = Linchpinで保護
language-choice = 言語：日本語
theme-choice = 表示モード
theme-auto = 自動表示
theme-light = ライト表示
theme-dark = ダーク表示
time-left = 残り時間：{ $time }
offline = サーバーに接続できませんでした。通信状態をご確認ください。入力内容はそのまま残っています。
try-again = もう一度試す
still-working = もう少しお待ちください
still-checking = { $provider }で引き続き確認しています
covered = このページが何かに隠れています。見えるようにしてから、もう一度押してください。
look-again = もう一度確認する
cancel = キャンセル
continue = 続ける
link-website = ウェブサイト
link-privacy = プライバシー
link-terms = 利用規約
link-support = ヘルプ
back-to-app = { $app }に戻る

## Sandbox

sandbox-banner = サンドボックス：すべてテスト用です
sandbox-accounts = テストアカウント
sandbox-password = 全アカウント共通のパスワード：{ $password }
sandbox-fill = 使う
sandbox-fill-label = { $email }を使う
sandbox-creator = クリエイター
sandbox-fan = ファン
sandbox-app-code = 認証アプリのコード 123456
sandbox-texted-code = SMSのコード 123456
sandbox-approval = 別の端末での承認（3秒後に承認されます）
sandbox-locked = ロックされたアカウント
sandbox-slow = 確認に5秒かかります
sandbox-unavailable = サービスに接続できません
sandbox-short-lived = 自動的に終了する連携
sandbox-emailed-code = メールのコード 123456
sandbox-choice = 3つの方法から選択（コードは123456）
sandbox-question = 秘密の質問（回答はblue）
sandbox-challenge = 入力する文字を示す画像

sandbox-permission-profile-read = プロフィール（名前、ユーザー名、画像）
sandbox-permission-profile-write = プロフィールの編集（名前、自己紹介、画像）
sandbox-permission-posts-read = 投稿（予約投稿を含む）
sandbox-permission-posts-write = あなたの名前での投稿の公開、編集、削除
sandbox-permission-messages-read = メッセージとその送信者
sandbox-permission-messages-write = あなたの名前での登録者へのメッセージ送信
sandbox-permission-subscribers-read = 登録者とその登録日
sandbox-permission-subscribers-write = 登録者のリスト分け、ミュート、ブロック
sandbox-permission-vault-read = 保管庫の写真と動画（未公開のものを含む）
sandbox-permission-analytics-read = 統計（訪問数、いいね、増加数）
sandbox-permission-earnings-read = 収益（支払い、チップ、出金）
sandbox-permission-notifications-read = 通知

## Before the sign-in

pre-login-title = { $provider }を{ $app }と連携
pre-login-title-choice = アカウントを{ $app }と連携
pre-login-lead = { $app }（{ $domain }）があなたのアカウントの利用を求めています。
pre-login-lead-no-domain = { $app }があなたのアカウントの利用を求めています。
reconnect-title = { $provider }に再度ログイン
reconnect-lead = { $app }（{ $domain }）とあなたのアカウントの連携が切れました。
reconnect-lead-no-domain = { $app }とあなたのアカウントの連携が切れました。
choose-provider = どのアカウントを使いますか？
next-choose = { $app }が閲覧・変更できる内容をあなたが選びます。
next-sign-in = ログインします。パスワードは一度だけ使われ、保存されません。
next-return = { $app }に戻ります。連携はそこでいつでも解除できます。

## Permissions

authorization-title = { $app }に許可する内容
authorization-lead = アプリはあなたの{ $provider }アカウントについて次の許可を求めています。
can-see = 閲覧できるもの
can-change = 変更できるもの
permission-required = 必須
permission-new = 新規
permission-risky = 要注意
kept-what = 保存する内容
kept-what-answer = お名前、ユーザー名、ここで許可した内容です。パスワードは決して保存しません。
kept-how-long = 保存期間
kept-how-long-answer = あなたまたは{ $app }が連携を解除するまでです。
kept-end = 解除の方法
kept-end-answer = { $app }でいつでも連携を解除できます。
allow = 許可して続ける
decline = 許可しない

## Sign-in

login-title = { $provider }にログイン
login-lead = あなたのアカウントを{ $app }と連携します。
username = メールアドレスまたはユーザー名
email = メールアドレス
password = パスワード
password-show = 表示
password-hide = 隠す
password-note = ログインに一度だけ使い、保存しません。
caps-lock = Caps Lockがオンになっています。
sign-in = ログイン
login-wrong =
    { $count ->
       *[other] ユーザー名とパスワードが一致しません。あと{ $count }回お試しいただけます。
    }
login-unknown-sandbox-domain = サンドボックスでは上のテストアカウントだけが使えます。
login-incomplete-username = メールアドレスまたはユーザー名を入力してください。
login-incomplete-email = メールアドレスを入力してください。
login-incomplete-password = パスワードを入力してください。
login-different-account = 別のアカウントです。以前に連携していたアカウントでログインしてください。
login-linked-to-another-user = このアカウントは{ $app }で別の方がすでに連携しています。別のアカウントをお使いください。
provider-unavailable = 現在{ $provider }が応答していません。少し待ってからもう一度お試しください。
declined = 別の端末でリクエストが拒否されました。もう一度試すには、再度ログインしてください。
interrupted = こちらの処理に時間がかかりすぎたため、この試行は回数に含まれません。もう一度お試しください。

## Second factor

code-app-title = 認証アプリのコードを入力
code-app-lead = 認証アプリを開き、{ $provider }のコードを入力してください。
code-phone-title = SMSで届いたコードを入力
code-phone-lead = { $provider }から末尾が{ $digits }の電話番号に送信されました。
code-email-title = メールで届いたコードを入力
code-email-lead = { $provider }から{ $hint }に送信されました。届くまで1分ほどかかることがあります。迷惑メールもご確認ください。
code = コード
code-note = 貼り付けても入力しても構いません。空白は無視されます。
confirm = 確認する
resend = 再送信
resends-left =
    { $count ->
       *[other] SMSはあと{ $count }回
    }
resend-in = 次のSMSまで{ $time }
no-more-texts = これ以上SMSを送信できません。
emails-left =
    { $count ->
       *[other] メールはあと{ $count }回
    }
next-email-in = 次のメールまで{ $time }
no-more-emails = これ以上メールを送信できません。
another-way = 別の方法を使う
code-wrong =
    { $count ->
       *[other] コードが正しくありません。あと{ $count }回お試しいただけます。
    }
code-expired = コードの有効期限が切れました。新しいコードを取得してください。
code-incomplete = コードを数字だけで入力してください。
code-email-incomplete = メールに記載されたコードを入力してください。
code-cannot-resend = 現在SMSを送信できません。最後に届いたコードを使うか、少しお待ちください。
code-email-cannot-resend = 現在メールを送信できません。最後に届いたコードを使うか、少しお待ちください。
question-title = 秘密の質問に回答
question-lead = { $provider }のアカウントで設定した質問です。
question-note = 設定したときと同じように入力してください。
shown-title = 表示された内容を入力
shown-lead = 人による操作であることを{ $provider }が確認しています。
shown-note = ゆっくりで構いません。間違えてもやり直せます。
answer = 回答
answer-wrong =
    { $count ->
       *[other] 回答が正しくありません。あと{ $count }回お試しいただけます。
    }
answer-incomplete = 回答を256文字以内で入力してください。
approval-title = お使いの端末で承認
approval-lead = { $provider }からお使いの端末に確認の通知が送信されました。端末で開いて、ご本人であることを承認してください。
approval-waiting = 承認をお待ちしています。このページは自動的に進みます。
ways-title = 別の方法を選択
ways-lead = { $provider }でのご本人確認の方法をお選びください。
ways-back = 戻る
way-app = 認証アプリのコード
way-phone = 末尾が{ $digits }の電話番号へのSMS
way-email = { $hint }へのメール
way-approval = お使いの端末での承認
way-question = 秘密の質問
way-shown = { $provider }が表示する内容の入力
way-cannot-start = 現在{ $provider }でこの方法をご利用いただけません。別の方法を使うか、後ほどお試しください。

## Waiting, leaving, done

checking-title = { $provider }で確認中
checking-lead = 数秒かかります。このページを開いたままお待ちください。
leave-title = 連携を中止しますか？
leave-lead = これまで{ $app }には何も共有されていません。
leave-stop = 中止して{ $app }に戻る
leave-go-on = 続行する
done-title = 連携が完了しました
done-sentence = { $provider }が{ $app }と連携されました。
returning = アプリに戻ります。このページは閉じても構いません。

## Ways that go no further

ended-title = このリンクは終了しました
ended-sentence = 元の画面に戻り、もう一度始めてください。リンクは一度だけ、短い時間のみ使えます。
in-use-title = このリンクは使用中です
in-use-sentence = 始めたときのウィンドウで続けるか、元のアプリからもう一度始めてください。
forbidden-title = このページは古くなっています
forbidden-sentence = 何も送信されていません。続きから進めるには、リンクをもう一度開いてください。
unavailable-title = 少々お待ちください
unavailable-sentence = 現在応答できませんが、何も失われていません。数秒待ってからもう一度お試しください。
