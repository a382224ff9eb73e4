/* Files in pieces (tus) with progress, pause and resume. Without this script, or without vendor/tus.min.js, the form
   sends the file whole, as it always did. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-sq-upload]");
  if (!form || !window.tus || !window.tus.isSupported) return;

  var PIECE = 8 * 1024 * 1024;
  /* longer than the 30 seconds for which the server holds a file for a request that was cut off */
  var PAUSES = [0, 1000, 3000, 5000, 10000, 15000, 20000, 30000];
  var box = {};
  ["sending", "sending-name", "sending-state", "sending-bar", "sending-numbers", "sending-sum", "sending-pause",
    "sending-end", "sending-next", "unfinished-part"].forEach(function (id) { box[id] = document.getElementById(id); });
  var token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  var input = form.querySelector("input[type=file]");
  var button = form.querySelector("button");
  var upload = null;
  var running = false;
  var began = { at: 0, sent: -1 };

  function size(bytes) {
    var units = ["字节", "KB", "MB", "GB", "TB"];
    var unit = 0;
    while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; unit += 1; }
    return (unit ? bytes.toFixed(1) : bytes) + " " + units[unit];
  }

  function say(text) { box["sending-state"].textContent = text; }

  function show(sent, total) {
    box["sending-bar"].value = Math.floor((1000 * sent) / total);
    var words = (100 * sent / total).toFixed(1) + "%，" + size(sent) + " / " + size(total);
    if (began.sent < 0) began = { at: Date.now(), sent: sent };
    var seconds = (Date.now() - began.at) / 1000;
    var pace = seconds > 2 ? (sent - began.sent) / seconds : 0;
    if (pace > 0 && sent < total) {
      var left = Math.ceil((total - sent) / pace);
      words += "，" + size(pace) + "/秒，还需约 " + (left > 90 ? Math.ceil(left / 60) + " 分钟" : left + " 秒");
    }
    box["sending-numbers"].textContent = words;
  }

  function running_is(on) {
    running = on;
    began = { at: 0, sent: -1 };
    box["sending-pause"].textContent = on ? "暂停" : "继续";
  }

  function over(text) {
    running_is(false);
    box["sending-pause"].hidden = box["sending-end"].hidden = true;
    box["sending-bar"].hidden = box["sending-numbers"].hidden = true;
    button.disabled = input.disabled = false;
    say(text);
  }

  function reason(error) {
    var answer = error.originalResponse;
    var body = answer && answer.getBody();
    try {
      var told = JSON.parse(body);
      if (told.problems && told.problems.length) return told.problems.map(function (one) { return one.what; }).join("；");
      return told.detail || "";
    } catch (failure) {
      return "";
    }
  }

  function failed(error) {
    var status = error.originalResponse ? error.originalResponse.getStatus() : 0;
    running_is(false);
    if (status === 400 || status === 410 || status === 413 || (status >= 401 && status <= 404)) {
      over(reason(error) || "不能上传这个文件（" + status + "）");
      input.classList.add("is-invalid");
      input.focus();
      return;
    }
    say(reason(error) || "连接断开了，已收到的部分保留着；网络恢复后点“继续”");
  }

  function finished() {
    running_is(false);
    box["sending-pause"].hidden = box["sending-end"].hidden = true;
    say("已传完，正在检查");
    ask(0);
  }

  function ask(times) {
    fetch(upload.url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (told) {
        if (told.state === "received") return done(told);
        if (told.state === "receiving" && times < 600) return setTimeout(ask, 1000, times + 1);
        over((told.problems || []).map(function (one) { return one.what; }).join("；") || "没有收下，请重新上传");
      })
      .catch(function () { setTimeout(ask, 3000, times + 1); });
  }

  function done(told) {
    say("已收到，服务器算出的摘要如下，可与原文件核对");
    box["sending-sum"].hidden = false;
    box["sending-sum"].querySelector("code").textContent = told.sha256;
    box["sending-next"].href = told.next;
    box["sending-next"].hidden = false;
    box["sending-next"].focus();
  }

  function start(file) {
    box["sending"].hidden = false;
    box["sending-pause"].hidden = box["sending-end"].hidden = box["sending-bar"].hidden = false;
    box["sending-sum"].hidden = box["sending-next"].hidden = true;
    box["sending-numbers"].hidden = false;
    if (box["unfinished-part"]) box["unfinished-part"].hidden = true;
    box["sending-name"].textContent = file.name;
    input.classList.remove("is-invalid");
    button.disabled = input.disabled = true;
    say("正在上传");
    show(0, file.size);
    began = { at: 0, sent: -1 };
    upload = new window.tus.Upload(file, {
      endpoint: form.dataset.sqUpload,
      chunkSize: PIECE,
      retryDelays: PAUSES,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name },
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      onProgress: show,
      onSuccess: finished,
      onError: failed,
      onShouldRetry: function (error) {
        var status = error.originalResponse ? error.originalResponse.getStatus() : 0;
        if (status !== 507) say("连接断开了，正在重试");
        return status === 0 || status === 409 || status === 423 || (status >= 500 && status !== 507);
      },
      onChunkComplete: function () { say("正在上传"); },
    });
    upload.findPreviousUploads().then(function (found) {
      if (found.length) {
        upload.resumeFromPreviousUpload(found[0]);
        say("从上次断开的地方继续");
      }
      running_is(true);
      upload.start();
    });
  }

  form.addEventListener("submit", function (event) {
    var file = input.files[0];
    if (!file || file.size === 0) return;  /* the server says what is missing, at the field */
    event.preventDefault();
    if (file.size > Number(form.dataset.sqLargest)) {
      box["sending"].hidden = false;
      box["sending-name"].textContent = file.name;
      over("文件有 " + size(file.size) + "，最大 " + size(Number(form.dataset.sqLargest)) + "；请拆分或压缩后再传");
      return;
    }
    start(file);
  });
  box["sending-pause"].addEventListener("click", function () {
    if (running) {
      running_is(false);
      upload.abort().then(function () { say("已暂停，已收到的部分保留着"); });
    } else {
      running_is(true);
      say("正在上传");
      upload.start();
    }
  });
  box["sending-end"].addEventListener("click", function () {
    running_is(false);
    upload.abort(true).then(
      function () { over("已放弃，收到的部分已删除"); },
      function () { over("已停止；没有传完的部分可以在列表里放弃"); }
    );
  });
  window.addEventListener("beforeunload", function (event) { if (running) event.preventDefault(); });
})();
