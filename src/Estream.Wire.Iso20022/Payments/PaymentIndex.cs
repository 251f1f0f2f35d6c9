using System.Runtime.InteropServices;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>The entries of the table of payments in memory, by message and by the ids of payments. Not thread-safe.</summary>
internal sealed class PaymentIndex
{
    // Ids that fit more payments are ambiguous. Limits the work for a report of a hostile peer.
    private const int MaxCandidates = 256;

    private readonly Dictionary<string, PaymentEntry[]> _messages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PaymentPlace>> _keys = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = new();

    /// <summary>The number of payments.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the entries of a message, in order. Empty if the message is unknown. The result is a
    /// copy.</summary>
    public PaymentEntry[] Of(string messageId) =>
        _messages.TryGetValue(messageId, out PaymentEntry[]? entries) ? [.. entries] : [];

    /// <summary>Returns an entry of a known message.</summary>
    public PaymentEntry Of(string messageId, int index) => _messages[messageId][index];

    /// <summary>Finds the payment that a report names.</summary>
    /// <returns>Null if there is none, or if the ids fit several payments.</returns>
    public PaymentEntry? Find(PaymentIds ids)
    {
        List<PaymentPlace>? places = null;
        foreach (string key in ids.Keys())
        {
            List<PaymentPlace> more = _keys.TryGetValue(key, out List<PaymentPlace>? found) ? found : [];
            places = places is null || more.Count < places.Count ? more : places;
        }

        PaymentEntry[] message = ids.MessageId is { } id ? _messages.GetValueOrDefault(id, []) : [];
        bool isInMessage = ids.MessageId is not null && (places is null || message.Length < places.Count);
        if ((isInMessage ? message.Length : places?.Count ?? 0) > MaxCandidates)
        {
            return null;
        }

        IEnumerable<PaymentEntry> candidates = isInMessage
            ? message : (places ?? []).Select(place => _messages[place.MessageId][place.Index]);
        PaymentEntry[] fitting = [.. candidates.Where(entry => entry.Ids.Matches(ids))];
        return fitting.Length == 1 ? fitting[0] : null;
    }

    /// <summary>Adds the entries of a message.</summary>
    public void Add(PaymentEntry[] entries)
    {
        _messages.Add(entries[0].MessageId, entries);
        _order.AddLast(entries[0].MessageId);
        Count += entries.Length;
        foreach (PaymentEntry entry in entries)
        {
            foreach (string key in entry.Ids.Keys())
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out _) ??= []).Add(new PaymentPlace(entry.MessageId, entry.Index));
            }
        }
    }

    /// <summary>Replaces an entry by an entry with the same ids.</summary>
    public void Replace(PaymentEntry entry) => _messages[entry.MessageId][entry.Index] = entry;

    /// <summary>Removes the entries of a message.</summary>
    public void Remove(PaymentEntry[] entries)
    {
        _messages.Remove(entries[0].MessageId);
        _order.Remove(entries[0].MessageId);
        Count -= entries.Length;
        foreach (PaymentEntry entry in entries)
        {
            foreach (string key in entry.Ids.Keys())
            {
                List<PaymentPlace> places = _keys[key];
                places.Remove(new PaymentPlace(entry.MessageId, entry.Index));
                if (places.Count == 0)
                {
                    _keys.Remove(key);
                }
            }
        }
    }

    /// <summary>Returns the oldest message without a payment in the state sent; null if there is none.</summary>
    public PaymentEntry[]? OldestDecided() => _order.Select(id => _messages[id])
        .FirstOrDefault(entries => Array.TrueForAll(entries, entry => entry.State != PaymentState.Sent));
}

/// <summary>Identifies a payment.</summary>
/// <param name="MessageId">The id of the message.</param>
/// <param name="Index">The number of the payment in the message, from 0.</param>
internal readonly record struct PaymentPlace(string MessageId, int Index);
