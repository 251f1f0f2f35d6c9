using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Creates map entries from results: the message of a result, under a key that an expression computes from it. Used on one
/// thread.</summary>
internal sealed class NewEntry<TResult>(MessageMaker<TResult> maker, EsfExpression keyOf, PipelineContext opening)
    : EntryMaker<TResult, Utf8Key64, LatestEntry>
    where TResult : unmanaged
{
    private readonly byte[] _buffer = opening.NewBuffer(maker.MaxLength);
    private readonly string _noKey = RequiredValue.NoMapKey(keyOf);
    private readonly string _tooLong =
        $"its message is longer than the {LatestEntry.InlineBytes} bytes that an entry of a pipeline's map can store";

    public override bool TryKey(scoped in TResult result, out Utf8Key64 key)
    {
        key = default;
        int length = maker.Make(in result, _buffer);
        return length > 0 && KeyText.TryGet(keyOf, _buffer.AsSpan(0, length), out key);
    }

    public override bool TryMake(scoped in TResult result, out Utf8Key64 key, out LatestEntry value)
    {
        key = default;
        value = default;
        int length = maker.Make(in result, _buffer);
        if (length == 0)
        {
            LastFailure = maker.LastFailure;
            return false;
        }

        bool hasKey = KeyText.TryGet(keyOf, _buffer.AsSpan(0, length), out key);
        if (!hasKey || length > LatestEntry.InlineBytes)
        {
            LastFailure = maker.DescribeFailure(in result, hasKey ? _tooLong : _noKey);
            return false;
        }

        value = LatestEntry.Create(0, 0, 0, _buffer.AsSpan(0, length));
        return true;
    }
}
