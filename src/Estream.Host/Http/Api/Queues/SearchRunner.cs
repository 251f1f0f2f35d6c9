using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Host.Remote;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary>
/// Runs searches and sends the matching messages. A search takes a turn for each step, so all searches together use at most half of the
/// processors, and two searches share these processors. Thread-safe.
/// </summary>
internal sealed class SearchRunner(AccessControl access, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>The maximum time between two lines with the progress, and between two checks of the rights of the caller.</summary>
    private static readonly TimeSpan s_progress = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly ScanTurns _turns = new(ScanTurns.HalfOfProcessors, perIdentity: 1);

    /// <summary>Runs a search until the search ends or the client disconnects.</summary>
    /// <param name="context">The request; its headers are complete.</param>
    /// <param name="view">The host.</param>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="search">The search.</param>
    /// <param name="tellsProgress">Whether to send lines with progress, end and errors. Without them, an error ends the connection.
    /// </param>
    public async Task RunAsync(HttpContext context, IHostView view, string queue, MessageSearch search, bool tellsProgress)
    {
        using CancellationTokenSource ended =
            CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await RunAsync(context, view, queue, search, tellsProgress, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has disconnected, or the host is stopping.
            context.Abort();
        }
    }

    /// <summary>Runs a search until the search ends, or until it has read <paramref name="maxScanned"/> messages.</summary>
    /// <returns><c>{"messages":[…],"complete":…}</c>.</returns>
    /// <exception cref="EstreamException">The queue is damaged.</exception>
    public async Task<ReadOnlyMemory<byte>> CollectAsync(
        MessageSearch search, string identity, long maxScanned, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> lines = new();
        lines.Write("{\"messages\":["u8);
        int start = lines.WrittenCount;
        while (search.EndReason is null && search.Scanned < maxScanned)
        {
            if (await StepAsync(search, lines, identity, cancellation).ConfigureAwait(false) is { } error)
            {
                throw new EstreamStorageException(error, path: null, StorageFailure.Other);
            }
        }

        byte[] json = new byte[lines.WrittenCount];
        lines.WrittenSpan.CopyTo(json);

        // Each line feed ends a message, because JSON escapes line feeds.
        json.AsSpan(start).Replace((byte)'\n', (byte)',');
        int end = json.Length > start ? json.Length - 1 : json.Length;
        byte[] rest = Encoding.ASCII.GetBytes($"],\"complete\":{(search.EndReason == "end" ? "true" : "false")}}}");
        return (byte[])[.. json.AsSpan(0, end), .. rest];
    }

    private async Task RunAsync(HttpContext context, IHostView view, string queue, MessageSearch search, bool tellsProgress,
        CancellationToken cancellation)
    {
        string identity = RoleMiddleware.IdentityOf(context)!.Name;
        ArrayBufferWriter<byte> lines = new();
        long start = time.GetTimestamp();
        TimeSpan lookedAt = TimeSpan.Zero;
        string? error = null;
        while (error is null && search.EndReason is null)
        {
            error = await StepAsync(search, lines, identity, cancellation).ConfigureAwait(false);
            if (time.GetElapsedTime(start) - lookedAt >= s_progress)
            {
                lookedAt = time.GetElapsedTime(start);
                error ??= access.Identify(context) is { } caller && view.Access.MayRead(caller, queue)
                    ? null
                    : "You may not read the queue any more.";
                error ??= lookedAt >= s_limit ? "The search took 10 minutes, the maximum. Search a smaller range." : null;
                if (tellsProgress && search.EndReason is null && error is null)
                {
                    WriteProgress(lines, search);
                }
            }

            if (tellsProgress && search.EndReason is not null)
            {
                WriteEnd(lines, search);
            }

            if (tellsProgress && error is not null)
            {
                WriteLine(lines, json => json.WriteString("error"u8, error));
            }

            if (lines.WrittenCount > 0)
            {
                await context.Response.Body.WriteAsync(lines.WrittenMemory, cancellation).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
                lines.ResetWrittenCount();
            }
        }

        if (error is not null && !tellsProgress)
        {
            context.Abort();
        }
    }

    private async Task<string?> StepAsync(
        MessageSearch search, ArrayBufferWriter<byte> lines, string identity, CancellationToken cancellation)
    {
        using ScanTurns.Turn turn = await _turns.EnterAsync(identity, cancellation).ConfigureAwait(false);
        try
        {
            // A step would keep a thread of the pool from other work.
            await Task.Factory.StartNew(() => search.Advance(lines), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
            return null;
        }
        catch (EstreamException damaged)
        {
            return damaged.Message;
        }
        catch (ObjectDisposedException)
        {
            return "The host is stopping, or the queue was removed.";
        }
    }

    private static void WriteProgress(ArrayBufferWriter<byte> lines, MessageSearch search) => WriteLine(lines, json =>
    {
        json.WriteStartObject("progress"u8);
        json.WriteNumber("sequence"u8, search.Place.Sequence);
        json.WriteNumber("time"u8, search.Place.Time);
        json.WriteNumber("scanned"u8, search.Scanned);
        json.WriteNumber("matched"u8, search.Matched);
        json.WriteNumber("fraction"u8, Math.Round(search.Fraction, 4));
        json.WriteEndObject();
    });

    private static void WriteEnd(ArrayBufferWriter<byte> lines, MessageSearch search) => WriteLine(lines, json =>
    {
        json.WriteStartObject("end"u8);
        json.WriteString("reason"u8, search.EndReason);
        json.WriteNumber("scanned"u8, search.Scanned);
        json.WriteNumber("matched"u8, search.Matched);
        JsonBody.WriteNumberOrNull(json, "nextSequence"u8, search.NextSequence);
        JsonBody.WriteNumberOrNull(json, "previousSequence"u8, search.PreviousSequence);
        json.WriteNumber("endSequence"u8, search.EndSequence);
        json.WriteEndObject();
    });

    private static void WriteLine(ArrayBufferWriter<byte> lines, Action<Utf8JsonWriter> write)
    {
        using Utf8JsonWriter json = new(lines, JsonBody.Options);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        lines.Write("\n"u8);
    }
}
