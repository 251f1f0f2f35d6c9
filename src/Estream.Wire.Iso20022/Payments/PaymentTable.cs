using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>What to do with a message of payments.</summary>
internal enum SendDecision
{
    /// <summary>Send the message: its payments are recorded as sent.</summary>
    Send,

    /// <summary>The peer has the message. Do not send it again.</summary>
    Received,

    /// <summary>The peer has rejected the message.</summary>
    Rejected,

    /// <summary>The deadline of the message has passed.</summary>
    Expired,

    /// <summary>Another message with this id was sent.</summary>
    Different,

    /// <summary>The message has more payments than the table can have.</summary>
    TooLarge,

    /// <summary>The table is full of payments without a report. Try again later.</summary>
    Full,
}

/// <summary>
/// The state of each payment that a client has sent, in a map that belongs to the adapter, so that it survives a crash of the process. A
/// payment is recorded before its message is sent for the first time, and the record is flushed. All entries are also held in memory.
/// Thread-safe.
/// </summary>
internal sealed class PaymentTable : IDisposable
{
    private const string Name = "payments";

    private readonly Lock _lock = new();
    private readonly ByteMap _map;
    private readonly IClock _clock;
    private readonly AdapterEventLog _events;
    private readonly PaymentIndex _index = new();
    private readonly PriorityQueue<string, long> _deadlines = new();
    private readonly SortedSet<WaitingPlace> _waiting = [];
    private readonly int[] _counts = new int[Enum.GetValues<PaymentState>().Length];
    private readonly long _limitNanos;
    private readonly int _maxPayments;
    private bool _isDisposed;

    private PaymentTable(ByteMap map, TimeSpan limit, int maxPayments, IClock clock, AdapterEventLog events)
    {
        _map = map;
        _clock = clock;
        _events = events;
        _limitNanos = limit.Ticks * TimeSpan.NanosecondsPerTick;
        _maxPayments = maxPayments;
        Load();
    }

    /// <summary>Whether entries may be stale, because the machine stopped while the map was open. Apply all stored reports
    /// again.</summary>
    public bool IsUncertain => _map.HostCrashed;

    /// <summary>Opens the table of an earlier process, or creates it.</summary>
    /// <param name="place">The directory of the adapter.</param>
    /// <param name="limit">The time from the record of a message to its deadline.</param>
    /// <param name="maxPayments">The maximum number of payments. For a new payment, the oldest payments with a decision are
    /// forgotten.</param>
    /// <param name="events">Receives events.</param>
    /// <exception cref="EstreamException">The map cannot be created, opened or read.</exception>
    public static PaymentTable Open(AdapterPlace place, TimeSpan limit, int maxPayments, AdapterEventLog events)
    {
        ByteMap map = ByteMap.Open(Path.Combine(place.Directory, Name), new ByteMapOptions
        {
            Storage = place.Queues.Storage,
            Clock = place.Queues.Clock,
        });
        try
        {
            return new PaymentTable(map, limit, maxPayments, place.Queues.Clock, events);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Returns the number of payments in a state.</summary>
    public int Count(PaymentState state) => Volatile.Read(ref _counts[(int)state]);

    /// <summary>Returns payments in the state sent, the oldest first.</summary>
    /// <param name="max">The maximum number of payments.</param>
    public IReadOnlyList<PaymentEntry> Waiting(int max)
    {
        lock (_lock)
        {
            return [.. _waiting.Take(max).Select(place => _index.Of(place.MessageId, place.Index))];
        }
    }

    /// <summary>Returns the entries of a message, in order; empty if the message is unknown.</summary>
    public IReadOnlyList<PaymentEntry> Of(string messageId)
    {
        lock (_lock)
        {
            return _index.Of(messageId);
        }
    }

    /// <summary>Decides whether to send a message. Records the payments of a new message; they are durable when the method
    /// returns.</summary>
    /// <param name="payments">The payments of the message, at least one.</param>
    /// <param name="digest">The hash of the message.</param>
    /// <exception cref="EstreamStorageException">The payments cannot be recorded. Do not send the message.</exception>
    public SendDecision Begin(IReadOnlyList<PaymentIds> payments, string digest)
    {
        string id = payments[0].MessageId!;
        long now = _clock.UtcNanos;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            PaymentEntry[] known = _index.Of(id);
            if (known.Length > 0)
            {
                return Decide(known[0], digest, now);
            }

            if (payments.Count > _maxPayments)
            {
                return SendDecision.TooLarge;
            }

            if (!TryMakeRoom(payments.Count))
            {
                return SendDecision.Full;
            }

            PaymentEntry[] entries = [.. payments.Select((payment, index) => new PaymentEntry(
                id, index, payments.Count, payment.InstructionId, payment.EndToEndId, payment.TransactionId, payment.Uetr,
                PaymentState.Sent, null, digest, now, now + _limitNanos, now))];

            // The first entry is written last, so a message whose first entry exists was recorded as a whole.
            for (int index = entries.Length - 1; index >= 0; index--)
            {
                _map.Put(entries[index].Key, entries[index].ToJson());
            }

            _map.Flush();
            Add(entries);
            return SendDecision.Send;
        }
    }

    /// <summary>Records that the peer has a message.</summary>
    /// <exception cref="EstreamStorageException">The change cannot be saved.</exception>
    public void SetReceived(string messageId)
    {
        lock (_lock)
        {
            foreach (PaymentEntry entry in _isDisposed ? [] : _index.Of(messageId))
            {
                Change(entry, entry with { IsReceived = true });
            }
        }
    }

    /// <summary>Records that the peer has rejected a message as a whole.</summary>
    /// <returns>Whether the message is known.</returns>
    /// <exception cref="EstreamStorageException">The change cannot be saved.</exception>
    public bool SetRejected(string messageId)
    {
        lock (_lock)
        {
            PaymentEntry[] entries = _isDisposed ? [] : _index.Of(messageId);
            foreach (PaymentEntry entry in entries)
            {
                Report(entry, PaymentState.Rejected, PaymentStatusCode.Reject);
            }

            return entries.Length > 0;
        }
    }

    /// <summary>Applies the statuses of a report. A status of a payment takes precedence over the status of its message. Applying a report
    /// twice changes nothing.</summary>
    /// <returns>The number of statuses that name no known payment.</returns>
    /// <exception cref="EstreamStorageException">A change cannot be saved.</exception>
    public int Apply(IReadOnlyCollection<ReportedStatus> statuses)
    {
        int unknown = 0;
        HashSet<PaymentPlace> named = [];
        lock (_lock)
        {
            foreach (ReportedStatus status in statuses.OrderBy(status => status.IsOfMessage))
            {
                PaymentEntry[] entries = _isDisposed ? [] : Find(status);
                unknown += entries.Length == 0 ? 1 : 0;
                foreach (PaymentEntry entry in entries)
                {
                    if (named.Add(new PaymentPlace(entry.MessageId, entry.Index)) || !status.IsOfMessage)
                    {
                        Report(entry, PaymentStatusCode.StateOf(status.Code), status.Code);
                    }
                }
            }
        }

        return unknown;
    }

    /// <summary>Times out payments whose deadline has passed.</summary>
    /// <exception cref="EstreamStorageException">A change cannot be saved.</exception>
    public void TimeOut()
    {
        int count = 0;
        long now = _clock.UtcNanos;
        lock (_lock)
        {
            while (!_isDisposed && _deadlines.TryPeek(out string? id, out long deadline) && deadline <= now)
            {
                foreach (PaymentEntry entry in _index.Of(id))
                {
                    if (entry.State == PaymentState.Sent && entry.DeadlineNanos <= now)
                    {
                        Change(entry, entry with { State = PaymentState.TimedOut, ChangedNanos = now });
                        count++;
                    }
                }

                _deadlines.Dequeue();
            }
        }

        if (count > 0)
        {
            _events.Report(AdapterEventKind.Degraded, $"{count} payments have timed out: no report has decided about them.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _map.Dispose();
        }
    }

    private static SendDecision Decide(PaymentEntry known, string digest, long now) =>
        known.Digest != digest ? SendDecision.Different
        : known is { State: PaymentState.Rejected, Status: PaymentStatusCode.Reject } ? SendDecision.Rejected
        : known.IsReceived ? SendDecision.Received
        : now >= known.DeadlineNanos ? SendDecision.Expired
        : SendDecision.Send;

    private PaymentEntry[] Find(ReportedStatus status) =>
        status.IsOfMessage ? _index.Of(status.Ids.MessageId ?? "") : _index.Find(status.Ids) is { } entry ? [entry] : [];

    private void Report(PaymentEntry entry, PaymentState? state, string code)
    {
        bool isFinal = entry.State is PaymentState.Rejected or PaymentState.Settled;
        bool isContradiction = isFinal && state is PaymentState.Rejected or PaymentState.Settled && state != entry.State;
        if (isContradiction)
        {
            _events.Report(AdapterEventKind.Degraded,
                $"A report contradicts the state of a payment, which stays {entry.State}: status {code}. Ask the peer.");
        }

        PaymentEntry changed = entry with { IsReceived = true };
        PaymentState next = state ?? entry.State;
        if (!isFinal && code.Length > 0 && (next, code) != (entry.State, entry.Status))
        {
            changed = changed with { State = next, Status = code, ChangedNanos = _clock.UtcNanos };
        }

        Change(entry, changed);
    }

    private void Change(PaymentEntry entry, PaymentEntry changed)
    {
        if (changed != entry)
        {
            _map.Put(changed.Key, changed.ToJson());
            _index.Replace(changed);
            Tally(entry, -1);
            Tally(changed, 1);
        }
    }

    private void Add(PaymentEntry[] entries)
    {
        _index.Add(entries);
        _deadlines.Enqueue(entries[0].MessageId, entries[0].DeadlineNanos);
        foreach (PaymentEntry entry in entries)
        {
            Tally(entry, 1);
        }
    }

    /// <summary>Counts an entry that is added (1) or removed (-1).</summary>
    private void Tally(PaymentEntry entry, int change)
    {
        _counts[(int)entry.State] += change;
        if (entry.State == PaymentState.Sent)
        {
            WaitingPlace place = new(entry.RecordedNanos, entry.MessageId, entry.Index);
            _ = change > 0 ? _waiting.Add(place) : _waiting.Remove(place);
        }
    }

    /// <summary>Forgets the oldest messages whose payments all have a decision or have timed out.</summary>
    private bool TryMakeRoom(int count)
    {
        while (_index.Count + count > _maxPayments)
        {
            if (_index.OldestDecided() is not { } oldest)
            {
                return false;
            }

            // The first entry is removed first: without it, the others are removed at the next start.
            foreach (PaymentEntry entry in oldest)
            {
                _map.Remove(entry.Key);
                Tally(entry, -1);
            }

            _index.Remove(oldest);
        }

        return true;
    }

    private void Load()
    {
        List<PaymentEntry> all = [];
        foreach (ByteMapEntry entry in _map)
        {
            all.Add(PaymentEntry.Parse(entry.Value));
        }

        foreach (IGrouping<string, PaymentEntry> message in all.GroupBy(entry => entry.MessageId, StringComparer.Ordinal)
            .OrderBy(message => message.Min(entry => entry.RecordedNanos)))
        {
            PaymentEntry[] entries = [.. message.OrderBy(entry => entry.Index)];
            if (entries[0].Index == 0 && entries.Length == entries[0].Count)
            {
                Add(entries);
                continue;
            }

            // The process ended while the message was recorded or forgotten; it was not sent, or it is decided.
            Array.ForEach(entries, entry => _map.Remove(entry.Key));
        }
    }

    /// <summary>The order of waiting payments: the oldest message first, and in a message by number.</summary>
    private readonly record struct WaitingPlace(long RecordedNanos, string MessageId, int Index) : IComparable<WaitingPlace>
    {
        public int CompareTo(WaitingPlace other)
        {
            int byTime = RecordedNanos.CompareTo(other.RecordedNanos);
            int byMessage = byTime != 0 ? byTime : string.CompareOrdinal(MessageId, other.MessageId);
            return byMessage != 0 ? byMessage : Index.CompareTo(other.Index);
        }
    }
}
