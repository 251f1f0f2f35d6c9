using Estream.Esf;

namespace Estream.Streams;

/// <summary>An approved item, in place in the log (no copy). Valid until the tailer reads on.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfModerated<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    internal EsfModerated(TView view, ReadOnlySpan<byte> approver, long proposal, long position, long time)
    {
        View = view;
        Approver = approver;
        Proposal = proposal;
        Position = position;
        Time = time;
    }

    /// <summary>The fields of the item, byte for byte as it was proposed.</summary>
    public TView View { get; }

    /// <summary>The name of the approver, in UTF-8.</summary>
    public ReadOnlySpan<byte> Approver { get; }

    /// <summary>The position of the proposal in its queue.</summary>
    public long Proposal { get; }

    /// <summary>The position of the approval.</summary>
    public long Position { get; }

    /// <summary>The time of the approval, in nanoseconds since 1970-01-01 UTC.</summary>
    public long Time { get; }
}
