using System.Buffers.Binary;
using Tsavorite.core;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>The input of a compare-and-set of Tsavorite: the expected value and its replacement.</summary>
internal struct TsavoriteSwap
{
    public ulong Expected;
    public ulong Replacement;
}

/// <summary>A key of 8 bytes in the caller's memory.</summary>
internal readonly ref struct TsavoriteKey(ReadOnlySpan<byte> bytes) : IKey
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public bool IsPinned => false;

    public bool IsEmpty => _bytes.IsEmpty;

    public ReadOnlySpan<byte> KeyBytes => _bytes;

    public bool HasNamespace => false;

    public ReadOnlySpan<byte> NamespaceBytes => [];
}

/// <summary>Hash and equality of keys of 8 bytes, each handled as one number instead of in a loop over bytes.</summary>
internal readonly struct TsavoriteKeyComparer : IKeyComparer
{
    public long GetHashCode64<TKey>(TKey key)
        where TKey : IKey, allows ref struct => Utility.GetHashCode(BinaryPrimitives.ReadInt64LittleEndian(key.KeyBytes));

    public bool Equals<TFirstKey, TSecondKey>(TFirstKey k1, TSecondKey k2)
        where TFirstKey : IKey, allows ref struct
        where TSecondKey : IKey, allows ref struct =>
        BinaryPrimitives.ReadInt64LittleEndian(k1.KeyBytes) == BinaryPrimitives.ReadInt64LittleEndian(k2.KeyBytes);
}

/// <summary>
/// The callbacks of Tsavorite for values of 8 bytes, which change in place while their record is in the mutable part of the log.
/// </summary>
internal sealed class TsavoriteFunctions : SessionFunctionsBase<TsavoriteSwap, ulong, Empty>
{
    public override bool Reader<TSourceLogRecord>(
        in TSourceLogRecord srcLogRecord, ref TsavoriteSwap input, ref ulong output, ref ReadInfo readInfo)
    {
        output = BinaryPrimitives.ReadUInt64LittleEndian(srcLogRecord.ValueSpan);
        return true;
    }

    public override bool InPlaceWriter(
        ref LogRecord logRecord, ref TsavoriteSwap input, ReadOnlySpan<byte> srcValue, ref ulong output, ref UpsertInfo upsertInfo)
    {
        srcValue.CopyTo(logRecord.ValueSpan);
        return true;
    }

    public override bool InitialWriter(
        ref LogRecord dstLogRecord,
        in RecordSizeInfo sizeInfo,
        ref TsavoriteSwap input,
        ReadOnlySpan<byte> srcValue,
        ref ulong output,
        ref UpsertInfo upsertInfo)
    {
        srcValue.CopyTo(dstLogRecord.ValueSpan);
        return true;
    }

    /// <summary>The output is the value found: the swap succeeded if it equals the expected value. One session writes.</summary>
    public override bool InPlaceUpdater(ref LogRecord logRecord, ref TsavoriteSwap input, ref ulong output, ref RMWInfo rmwInfo)
    {
        Span<byte> value = logRecord.ValueSpan;
        output = BinaryPrimitives.ReadUInt64LittleEndian(value);
        if (output == input.Expected)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(value, input.Replacement);
        }

        return true;
    }

    /// <summary>Called instead of <see cref="InPlaceUpdater"/> if Tsavorite copies the record to the tail of its log, as it does with 16
    /// million entries.</summary>
    public override bool CopyUpdater<TSourceLogRecord>(
        in TSourceLogRecord srcLogRecord,
        ref LogRecord dstLogRecord,
        in RecordSizeInfo sizeInfo,
        ref TsavoriteSwap input,
        ref ulong output,
        ref RMWInfo rmwInfo)
    {
        output = BinaryPrimitives.ReadUInt64LittleEndian(srcLogRecord.ValueSpan);
        BinaryPrimitives.WriteUInt64LittleEndian(dstLogRecord.ValueSpan, output == input.Expected ? input.Replacement : output);
        return true;
    }

    public override RecordFieldInfo GetRMWModifiedFieldInfo<TSourceLogRecord>(
        in TSourceLogRecord srcLogRecord, ref TsavoriteSwap input) => new() { KeySize = sizeof(ulong), ValueSize = sizeof(ulong) };

    /// <summary>A compare-and-set creates no entry.</summary>
    public override bool NeedInitialUpdate<TKey>(TKey key, ref TsavoriteSwap input, ref ulong output, ref RMWInfo rmwInfo) => false;

    public override RecordFieldInfo GetUpsertFieldInfo<TKey>(TKey key, ReadOnlySpan<byte> value, ref TsavoriteSwap input) =>
        new() { KeySize = key.KeyBytes.Length, ValueSize = value.Length };
}
