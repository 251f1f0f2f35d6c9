using System.Runtime.InteropServices;

namespace Estream.Wire.Iso20022.Payments;

/// <summary>The entries of the table of payments in memory, by message and by the ids of payments. Not thread-safe.</summary>
internal sealed class PaymentIndex
{
    private readonly Dictionary<string, PaymentEntry[]> _messages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string MessageId, int Index)>> _keys = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _order = new();

    /// <summary>The number of payments.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the entries of a message, in order. Empty if the message is unknown. The result is a
    /// copy.</summary>
    public PaymentEntry[] Of(string messageId) =>
        _messages.TryGetValue(messageId, out PaymentEntry[]? entries) ? [.. entries] : [];

    /// <summary>Finds the payments that a report names: one payment, or all of a message. Empty if there is none, or if the ids fit
    /// several payments of different messages.</summary>
    public PaymentEntry[] Find(PaymentIds ids)
    {
        if (ids.MessageId is { } messageId)
        {
            return Array.FindAll(Of(messageId), entry => entry.Ids.Matches(ids));
        }

        if (ids.Keys().FirstOrDefault() is not { } key || !_keys.TryGetValue(key, out List<(string MessageId, int Index)>? places))
        {
            return [];
        }

        PaymentEntry[] found =
            [.. places.Select(place => _messages[place.MessageId][place.Index]).Where(entry => entry.Ids.Matches(ids))];
        return found.Length == 1 ? found : [];
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
                (CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out _) ??= []).Add((entry.MessageId, entry.Index));
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
                List<(string MessageId, int Index)> places = _keys[key];
                places.Remove((entry.MessageId, entry.Index));
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
