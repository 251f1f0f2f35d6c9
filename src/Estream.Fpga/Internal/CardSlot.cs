using System.Security.Cryptography;
using Estream.Core;

namespace Estream.Fpga.Internal;

/// <summary>
/// A card of a target: opened when it is there, reset when it fails, given up for a while when it fails again and again, and looked for
/// anew. Whoever uses it holds <see cref="Gate"/>.
/// </summary>
/// <remarks>
/// What a card knows is a copy of what the host has, so nothing is lost with it. <see cref="Generation"/> is another one behind each reset
/// and each opening: who kept a lane or an address of an older one asks again.
/// </remarks>
internal sealed class CardSlot(string uri, FpgaTargetOptions options) : IDisposable
{
    private const int MostFailuresInARow = 3;

    private readonly Dictionary<object, CardLane> _lanes = new(ReferenceEqualityComparer.Instance);
    private long _nextLook = long.MinValue;
    private int _failuresInARow;
    private uint _lastTag;
    private bool _isDisposed;

    public string Uri { get; } = uri;

    public Lock Gate { get; } = new();

    public uint Generation { get; private set; }

    public FpgaCard? Card { get; private set; }

    /// <summary>What the card reads messages from, and writes hashes to; there while <see cref="Card"/> is.</summary>
    public FpgaMemory Messages => _messages!;

    public TimeSpan Timeout => options.Timeout;

    public long Answered { get; set; }

    public long Unanswered { get; set; }

    public long Corrections { get; set; }

    public long Failures { get; private set; }

    public string? LastFailure { get; private set; }

    private FpgaMemory? _messages;

    /// <summary>Whether the card takes work now; looks for it where it is time to. Costs a comparison while it does.</summary>
    public bool IsReady()
    {
        if (Card is not null)
        {
            return true;
        }

        long now = options.Clock.MonotonicNanos;
        if (_isDisposed || now < _nextLook)
        {
            return false;
        }

        try
        {
            Card = FpgaCard.Open(Uri, options.Card);
            _messages = Card.AllocateMemory(options.MessageMemoryBytes);
            Renewed();
            return true;
        }
        catch (EstreamFpgaException error)
        {
            LastFailure = error.Message;
            Close();
            return false;
        }
    }

    /// <summary>A number that no burst before had: a completion that is left of an earlier one is none of a later one.</summary>
    public uint NextTag() => ++_lastTag;

    /// <summary>The lane of a queue or a map, whose it stays until the card is reset or it is released; null when all are taken, or the
    /// card has failed.</summary>
    /// <param name="owner">The queue or the map.</param>
    public CardLane? LaneOf(object owner) =>
        _lanes.TryGetValue(owner, out CardLane? lane) ? lane : _lanes.Count < Card!.Info.Lanes ? TakeLane(owner) : null;

    /// <summary>The queue or the map is not worked on any more.</summary>
    public void Release(object owner) => _lanes.Remove(owner);

    /// <summary>The card did all it was asked for.</summary>
    public void Succeeded() => _failuresInARow = 0;

    /// <summary>The card failed: it is reset, or, when that does not help, given up for a while. Behind this it touches no memory it was
    /// given before.</summary>
    public void Fail(string why)
    {
        Failures++;
        LastFailure = why;
        if (++_failuresInARow < MostFailuresInARow)
        {
            Renew();
        }
        else
        {
            _failuresInARow = 0;
            Close();
        }
    }

    /// <summary>Has the card count on from a number in a lane; false when it failed at that, and is dealt with.</summary>
    public bool SetNextSequence(int lane, long next) => Set(static (card, lane, next) => card.SetNextSequence(lane, next), lane, next);

    /// <summary>Has the card give versions behind this one in a lane; false when it failed at that, and is dealt with.</summary>
    public bool SetLastVersion(int lane, long last) => Set(static (card, lane, last) => card.SetLastVersion(lane, last), lane, last);

    /// <summary>Begins anew on an empty card.</summary>
    public void Renew()
    {
        try
        {
            Card!.Reset();
            Renewed();
        }
        catch (EstreamFpgaException error)
        {
            LastFailure = error.Message;
            Close();
        }
    }

    public FpgaCardReport Report()
    {
        lock (Gate)
        {
            FpgaCounters? counters = null;
            if (IsReady())
            {
                try
                {
                    counters = Card!.ReadCounters();
                }
                catch (EstreamFpgaException error)
                {
                    Failures++;
                    LastFailure = error.Message;
                    Close();
                }
            }

            return new FpgaCardReport
            {
                Uri = Uri,
                State = Card is null ? FpgaCardState.Out : FpgaCardState.Ready,
                LastFailure = LastFailure,
                Info = Card?.Info,
                Counters = counters,
                Answered = Answered,
                Unanswered = Unanswered,
                Corrections = Corrections,
                Failures = Failures,
            };
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            _isDisposed = true;
            Close();
        }
    }

    // It counts from 0, as a queue or a map does that is new; for another one the first batch tells where.
    private CardLane? TakeLane(object owner)
    {
        int number = 0;
        while (_lanes.Values.Any(taken => taken.Number == number))
        {
            number++;
        }

        if (!SetNextSequence(number, 0) || !SetLastVersion(number, 0))
        {
            return null;
        }

        CardLane lane = new(number, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        _lanes.Add(owner, lane);
        return lane;
    }

    private bool Set(Action<FpgaCard, int, long> set, int lane, long value)
    {
        try
        {
            set(Card!, lane, value);
            return true;
        }
        catch (EstreamFpgaException error)
        {
            Fail(error.Message);
            return false;
        }
    }

    private void Renewed()
    {
        Generation++;
        _lanes.Clear();
    }

    private void Close()
    {
        _nextLook = options.Clock.MonotonicNanos + ((long)options.ReopenInterval.TotalMicroseconds * 1_000);
        Renewed();
        _messages?.Dispose();
        Card?.Dispose();
        (_messages, Card) = (null, null);
    }
}

/// <summary>A lane of a card that belongs to one queue or one map of the host.</summary>
internal sealed class CardLane(int number, ulong seed)
{
    public int Number { get; } = number;

    /// <summary>Mixed into every key: what an earlier owner of the lane left is never found.</summary>
    public ulong Seed { get; } = seed;
}
