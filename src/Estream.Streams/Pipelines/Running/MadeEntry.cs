using Estream.Core;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Results as entries of a map: the message a result becomes, under the key that an expression makes of it. One thread.</summary>
internal sealed class MadeEntry<TResult>(MessageMaker<TResult> maker, EsfExpression key, Opening opening)
    where TResult : unmanaged
{
    private readonly byte[] _buffer = opening.NewBuffer(maker.MaxLength);

    public Utf8Key64 KeyOf(scoped in TResult result) => KeyText.TryGet(key, Make(in result), out Utf8Key64 text)
        ? text
        : throw new EstreamFormatException($"A result has no key for its map: '{key}' has no value, or one longer than {Utf8Key64.MaxLength} bytes. Use another key, and another name for the pipeline.", null);

    public LatestEntry ValueOf(scoped in TResult result)
    {
        ReadOnlySpan<byte> message = Make(in result);
        return message.Length <= LatestEntry.InlineBytes
            ? LatestEntry.Create(0, 0, 0, message)
            : throw new EstreamFormatException($"A result has {message.Length} bytes, and a map of a pipeline keeps messages of {LatestEntry.InlineBytes} at most. Give it fewer or shorter fields, or have the results go to a queue.", null);
    }

    private ReadOnlySpan<byte> Make(scoped in TResult result) => _buffer.AsSpan(0, maker.Make(in result, _buffer));
}
