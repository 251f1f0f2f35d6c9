using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Converts each message to a schema that extends its own, in a buffer of the stage.</summary>
internal sealed class WidenStage<TBase, TWider, TAdditions>(int maxLength, EventWidener<TBase, TAdditions> widen, Stage<TWider> next)
    : Stage<TBase>
    where TBase : struct, IEsfView<TBase>, allows ref struct
    where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
    where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct
{
    private readonly EsfWidening _widening = TWider.FromBase;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(maxLength, pinned: true);

    // The buffer contains private plaintext, which must not stay in it longer than necessary.
    private readonly bool _isCleared = TWider.Schema.IsProtected;

    public override void Push(scoped in TBase item, scoped in QueueMessage message)
    {
        try
        {
            TAdditions additions = TAdditions.Begin(_buffer, _widening.Begin(item.Bytes, _buffer));
            widen(in item, ref additions);
            TWider wider = TWider.Of(_buffer.AsSpan(0, additions.Length));
            next.Push(in wider, in message);
        }
        finally
        {
            if (_isCleared)
            {
                Array.Clear(_buffer);
            }
        }
    }
}
