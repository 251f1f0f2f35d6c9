using System.Text.Json;
using Estream.Client;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Remote;

/// <summary>
/// Sends the messages of queues as JSON lines. Over the rate, sends only the newest messages of each queue. Without a filter, skips
/// messages by their sequence numbers. With a filter, reads the queue in turns, and skips messages only if it is far behind the end.
/// </summary>
internal sealed class StreamSubscription : LineSubscription, IQueueUser
{
    private const int MaxBehind = 65_536;

    // Messages of this time share a frame.
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(8);

    private readonly StreamSource[] _sources;
    private readonly MessageJson _json;

    // The newest messages that pass the filter of a source.
    private readonly Queue<(long Sequence, long Position)> _newest = [];
    private uint _turn;

    /// <param name="session">The connection.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="request">What the client subscribed to.</param>
    /// <param name="credit">The number of bytes that may be sent.</param>
    /// <param name="sources">The queues, which the subscription closes.</param>
    /// <param name="json">Writes messages.</param>
    public StreamSubscription(
        RemoteSession session, uint id, StreamRequest request, long credit, StreamSource[] sources, MessageJson json)
        : base(session, id, request, credit) => (_sources, _json) = (sources, json);

    Task IQueueUser.EndAsync(string reason) => EndAsync(ClientStatus.NotFound, reason);

    /// <inheritdoc/>
    public Task EndIfForbiddenAsync(QueueAccess access) =>
        _sources.FirstOrDefault(source => !access.MayRead(Session.Identity!, source.Owner.Name)) is { } forbidden
            ? EndAsync(ClientStatus.Forbidden, QueueAccess.WhyNot(Session.Identity!, "read", "queue", forbidden.Owner.Name))
            : Task.CompletedTask;

    public override void Dispose()
    {
        foreach (StreamSource source in _sources)
        {
            source.Owner.Remove(this);
            source.Dispose();
        }

        base.Dispose();
    }

    protected override async Task SendAllAsync()
    {
        while (true)
        {
            await WaitForCreditAsync().ConfigureAwait(false);
            await WaitForMessagesAsync().ConfigureAwait(false);
            await Pace.WaitAsync(End).ConfigureAwait(false);
            StreamSource[] ready = ReadySources();
            for (int i = 0; i < ready.Length && HasCredit && Pace.Available > 0; i++)
            {
                await SendNewestAsync(ready[i], Math.Max(1, Pace.Available / (ready.Length - i))).ConfigureAwait(false);
            }

            await WaitForNextRoundAsync(s_batch).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a queue has a message. Afterwards, only queues without a message have a wait.</summary>
    private async ValueTask WaitForMessagesAsync()
    {
        foreach (StreamSource source in _sources)
        {
            source.Waiting ??= source.Tailer.WaitToReadAsync(End).AsTask();
        }

        if (!_sources.Any(static source => source.Waiting!.IsCompleted))
        {
            Lines.Trim();
            await Task.WhenAny(_sources.Select(static source => source.Waiting!)).ConfigureAwait(false);
        }

        foreach (StreamSource source in _sources)
        {
            if (source.Waiting is { IsCompleted: true } waited)
            {
                source.Waiting = null;
                await waited.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns the queues with messages in an order that gives each its share of the rate: queues with few messages first, so that
    /// the others get the rest; in turns if the rate does not permit one message for each.</summary>
    private StreamSource[] ReadySources()
    {
        StreamSource[] ready = [.. _sources.Where(static source => source.Waiting is null)];
        if (ready.Length > Pace.Available)
        {
            int first = (int)(_turn++ % (uint)ready.Length);
            return [.. ready[first..], .. ready[..first]];
        }

        return ready.Length == 1 ? ready : [.. ready.OrderBy(static source => source.FindEnd() - source.Next)];
    }

    /// <summary>Sends the newest messages of a queue, at most <paramref name="most"/>, and leaves out earlier messages.</summary>
    private async ValueTask SendNewestAsync(StreamSource source, int most)
    {
        long end = source.FindEnd();
        try
        {
            await LeaveOutAsync(source, end, most).ConfigureAwait(false);
            bool hasMore = true;
            while (hasMore && most > 0 && HasCredit && Pace.Available > 0)
            {
                int sent = await SendFrameAsync(async () =>
                {
                    using ScanTurns.Turn turn = await EnterAsync(source).ConfigureAwait(false);
                    hasMore = source.Read(end, (in QueueMessage message) => TryAdd(source, message, most));
                }).ConfigureAwait(false);
                most -= sent;
                Pace.Take(sent);
            }
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            // Retention has deleted the messages, because the client granted no credit for long.
            Drop(Lines.Count);
            Lines.Clear();
            source.Tailer.SeekToStart();
            Drop(source.SkipTo(end));
        }
    }

    private async ValueTask LeaveOutAsync(StreamSource source, long end, int most)
    {
        long kept = source.SelectsAll ? most : MaxBehind;
        if (end - source.Next > kept)
        {
            Drop(source.SkipTo(end - kept));
        }

        if (end - source.Next <= most)
        {
            return;
        }

        for (bool hasMore = true; hasMore;)
        {
            using ScanTurns.Turn turn = await EnterAsync(source).ConfigureAwait(false);
            hasMore = source.Read(end, (in QueueMessage message) =>
            {
                _newest.Enqueue((message.Sequence, message.Position));
                if (_newest.Count > most)
                {
                    _newest.Dequeue();
                    Drop(1);
                }

                return true;
            });
        }

        if (_newest.TryPeek(out (long Sequence, long Position) oldest))
        {
            source.ReturnTo(oldest.Sequence, oldest.Position);
            _newest.Clear();
        }
    }

    private ValueTask<ScanTurns.Turn> EnterAsync(StreamSource source) =>
        source.SelectsAll ? default : Session.FilterTurns.EnterAsync(Session.Identity!.Name, End);

    private bool TryAdd(StreamSource source, in QueueMessage message, int most)
    {
        if (Lines.Count >= most || Lines.Length >= FullBytes)
        {
            return false;
        }

        (long position, long sequence, long time) = (message.Position, message.Sequence, message.Time);
        Utf8JsonWriter writer = Begin(source, position, sequence, time);
        _json.WriteMessage(writer, message.Payload, MaxMessageBytes);
        if (!TryEndLine(out string? reason))
        {
            MessageJson.WriteError(Begin(source, position, sequence, time), "", [], reason);
            _ = TryEndLine(out _);
        }

        return true;
    }

    private Utf8JsonWriter Begin(StreamSource source, long position, long sequence, long time)
    {
        Utf8JsonWriter writer = Lines.BeginLine();
        writer.WriteString("queue"u8, source.Owner.Name);
        MessageJson.WritePlace(writer, position, sequence, time);
        return writer;
    }
}
