using Estream.Esf;

namespace Estream.Streams;

/// <summary>How one key is: what its newest message says, or that it has no state any more. Valid until the reader goes on.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfStateEntry<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    internal EsfStateEntry(ReadOnlySpan<byte> key, TView view, bool isRemoved)
    {
        Key = key;
        View = view;
        IsRemoved = isRemoved;
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The newest message of the key; a view of nothing where <see cref="IsRemoved"/>.</summary>
    public TView View { get; }

    /// <summary>Whether the key has no state any more.</summary>
    public bool IsRemoved { get; }
}
