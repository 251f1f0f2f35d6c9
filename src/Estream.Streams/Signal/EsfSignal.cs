using Estream.Esf;

namespace Estream.Streams;

/// <summary>The newest value of a signal: a copy in the reader's own memory, valid until its next read.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfSignal<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    internal EsfSignal(TView view, long version)
    {
        View = view;
        Version = version;
    }

    /// <summary>The fields of the value.</summary>
    public TView View { get; }

    /// <summary>Above 0; a newer value of the same key has a larger one.</summary>
    public long Version { get; }
}
