namespace Estream.Net.Multicast.Internal;

/// <summary>Computes from the receivers up to which address the publisher may send. Stateless.</summary>
internal static class FlowControl
{
    /// <summary>The state of the counted receivers.</summary>
    /// <param name="Count">How many receivers count.</param>
    /// <param name="Limit">The address up to which data may be sent.</param>
    /// <param name="Lowest">The lowest address up to which a counted receiver has appended.</param>
    public readonly record struct Result(int Count, long Limit, long Lowest);

    /// <summary>Applies a strategy.</summary>
    public static Result Apply(ReadOnlySpan<Receiver?> receivers, MulticastFlowControl strategy, long tag)
    {
        int count = 0;
        long limit = strategy == MulticastFlowControl.Max ? 0 : long.MaxValue;
        long lowest = long.MaxValue;
        long highest = 0;
        foreach (Receiver? receiver in receivers)
        {
            if (receiver is not { IsCatchingUp: false }
                || (strategy == MulticastFlowControl.Tagged && receiver.Tag != tag))
            {
                continue;
            }

            count++;
            long own = receiver.EndAddress + receiver.WindowBytes;
            limit = strategy == MulticastFlowControl.Max ? Math.Max(limit, own) : Math.Min(limit, own);
            lowest = Math.Min(lowest, receiver.EndAddress);
            highest = Math.Max(highest, receiver.EndAddress);
        }

        // The fastest receiver sets the pace, so it alone decides when everything sent has arrived.
        return count == 0 ? default : new Result(count, limit, strategy == MulticastFlowControl.Max ? highest : lowest);
    }
}
