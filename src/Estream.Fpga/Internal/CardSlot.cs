using System.Security.Cryptography;
using Estream.Core;

namespace Estream.Fpga.Internal;

/// <summary>
/// A card of a target: opened when available, reset when it fails, closed for a while when it fails repeatedly, then opened again. Callers
/// must hold <see cref="Gate"/>; <see cref="Report"/> and <see cref="Dispose"/> acquire it themselves.
/// </summary>
/// <remarks>
/// A card holds only copies of the host's data, so a failed card loses nothing. <see cref="Generation"/> changes with each reset and each
/// opening: a caller that holds a lane or an address of an older generation must request a new one.
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

    /// <summary>The memory from which the card reads messages and to which it writes hashes. Valid while <see cref="Card"/> is not
    /// null.</summary>
    public FpgaMemory Messages => _messages!;

    public TimeSpan Timeout => options.Timeout;

    public long Answered { get; set; }

    public long Unanswered { get; set; }

    public long Corrections { get; set; }

    public long Failures { get; private set; }

    public string? LastFailure { get; private set; }

    private FpgaMemory? _messages;

    /// <summary>Returns whether the card accepts work; tries to open the card if the retry interval has passed. Costs one comparison while
    /// the card is open.</summary>
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

    /// <summary>Returns a tag that no earlier batch had. The tag keeps a late completion of an earlier batch from being taken for a
    /// completion of a later batch.</summary>
    public uint NextTag() => ++_lastTag;

    /// <summary>Returns the lane of a queue or a map, which keeps the lane until the card is reset or the lane is released. Null if all
    /// lanes are taken, or the card has failed.</summary>
    /// <param name="owner">The queue or the map.</param>
    public CardLane? LaneOf(object owner) =>
        _lanes.TryGetValue(owner, out CardLane? lane) ? lane : _lanes.Count < Card!.Info.Lanes ? TakeLane(owner) : null;

    /// <summary>Releases the lane of a queue or a map that is no longer in use.</summary>
    public void Release(object owner) => _lanes.Remove(owner);

    /// <summary>Records that the card answered a whole batch.</summary>
    public void Succeeded() => _failuresInARow = 0;

    /// <summary>Records a failure and resets the card. After several failures in a row, closes the card until the retry interval has
    /// passed. After this call the card no longer accesses the memory that it was given before.</summary>
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

    /// <summary>Sets the next sequence number of a lane. Returns false if the card failed; the failure has then been handled.</summary>
    public bool SetNextSequence(int lane, long next) => Set(static (card, lane, next) => card.SetNextSequence(lane, next), lane, next);

    /// <summary>Sets the last version of a lane. Returns false if the card failed; the failure has then been handled.</summary>
    public bool SetLastVersion(int lane, long last) => Set(static (card, lane, last) => card.SetLastVersion(lane, last), lane, last);

    /// <summary>Resets the card, which empties it; closes the card if the reset fails.</summary>
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

    // The lane counts from 0, like a new queue or map. For an existing queue or map, the first batch corrects the numbers.
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

/// <summary>A lane of a card, assigned to one queue or map of the host.</summary>
internal sealed class CardLane(int number, ulong seed)
{
    public int Number { get; } = number;

    /// <summary>The seed that is mixed into every key, so that entries left by an earlier owner of the lane are never found.</summary>
    public ulong Seed { get; } = seed;
}
