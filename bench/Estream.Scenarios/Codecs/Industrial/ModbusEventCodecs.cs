using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Industrial;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Industrial.IndustrialByHand;

namespace Estream.Scenarios.Codecs.Industrial;

/// <summary>The fields of one ModbusEvent.</summary>
internal sealed record ModbusEventRecord
{
    public Text DeviceId { get; init; }
    public byte? UnitId { get; init; }
    public ModbusEventKind Kind { get; init; }
    public byte? FunctionCode { get; init; }
    public ushort? Address { get; init; }
    public ushort? Quantity { get; init; }
    public byte? ExceptionCode { get; init; }
    public ushort? PreviousValue { get; init; }
    public ushort? Value { get; init; }
    public Text Reason { get; init; }
    public long OccurredAt { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static ModbusEventRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static ModbusEventRecord Create(int index) => new()
    {
        DeviceId = Text.Of($"plc-{index:0000}"),
        UnitId = (byte)(1 + (index % 16)),
        Kind = index % 4 == 3 ? ModbusEventKind.Timeout : ModbusEventKind.Changed,
        FunctionCode = 3,
        Address = (ushort)(100 + index),
        Quantity = index % 4 == 3 ? (ushort)2 : null,
        ExceptionCode = index % 16 == 15 ? (byte)6 : null,
        PreviousValue = index % 4 == 3 ? null : (ushort)(500 + index),
        Value = index % 4 == 3 ? null : (ushort)(501 + index),
        Reason = index % 4 == 3 ? Text.Of($"no answer within {100 + index} ms") : default,
        OccurredAt = Sample.FirstTimestamp + index,
    };
}

/// <summary>Encodes and decodes ModbusEvent with its generated writer and view.</summary>
internal readonly struct ModbusEventEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusEventRecord record = ModbusEventRecord.All[index];
        ModbusEvent.Writer writer = ModbusEvent.Write(destination);
        writer.DeviceId = record.DeviceId.Utf8;
        if (record.UnitId is { } unitId)
        {
            writer.UnitId = unitId;
        }

        writer.Kind = record.Kind;
        if (record.FunctionCode is { } functionCode)
        {
            writer.FunctionCode = functionCode;
        }

        if (record.Address is { } address)
        {
            writer.Address = address;
        }

        if (record.Quantity is { } quantity)
        {
            writer.Quantity = quantity;
        }

        if (record.ExceptionCode is { } exceptionCode)
        {
            writer.ExceptionCode = exceptionCode;
        }

        if (record.PreviousValue is { } previousValue)
        {
            writer.PreviousValue = previousValue;
        }

        if (record.Value is { } value)
        {
            writer.Value = value;
        }

        if (record.Reason.IsThere)
        {
            writer.Reason = record.Reason.Utf8;
        }

        writer.OccurredAt = record.OccurredAt;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        ModbusEvent.View view = ModbusEvent.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.DeviceId);
        sum += view.UnitId.GetValueOrDefault();
        sum += (ulong)view.Kind;
        sum += view.FunctionCode.GetValueOrDefault();
        sum += view.Address.GetValueOrDefault();
        sum += view.Quantity.GetValueOrDefault();
        sum += view.ExceptionCode.GetValueOrDefault();
        sum += view.PreviousValue.GetValueOrDefault();
        sum += view.Value.GetValueOrDefault();
        sum += Digests.Of(view.Reason);
        sum += (ulong)view.OccurredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes ModbusEvent with hand-written code.</summary>
internal readonly struct ModbusEventByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusEventRecord record = ModbusEventRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 21);
        at += 21;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.DeviceId.Utf8);
        block[1] = ByHand.Value(record.UnitId, ref has, 0x1);
        block[2] = (byte)record.Kind;
        block[3] = ByHand.Value(record.FunctionCode, ref has, 0x2);
        BinaryPrimitives.WriteUInt16LittleEndian(block[4..], ByHand.Value(record.Address, ref has, 0x4));
        BinaryPrimitives.WriteUInt16LittleEndian(block[6..], ByHand.Value(record.Quantity, ref has, 0x8));
        block[8] = ByHand.Value(record.ExceptionCode, ref has, 0x10);
        BinaryPrimitives.WriteUInt16LittleEndian(block[9..], ByHand.Value(record.PreviousValue, ref has, 0x20));
        BinaryPrimitives.WriteUInt16LittleEndian(block[11..], ByHand.Value(record.Value, ref has, 0x40));
        at = ByHand.Put16(destination, at, record.Reason.Utf8, ref has, 0x80);
        BinaryPrimitives.WriteInt64LittleEndian(block[13..], record.OccurredAt);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 21);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (has & 0x1) != 0 ? block[1] : 0UL;
        sum += block[2];
        sum += (has & 0x2) != 0 ? block[3] : 0UL;
        sum += (has & 0x4) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[4..]) : 0UL;
        sum += (has & 0x8) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[6..]) : 0UL;
        sum += (has & 0x10) != 0 ? block[8] : 0UL;
        sum += (has & 0x20) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[9..]) : 0UL;
        sum += (has & 0x40) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[11..]) : 0UL;
        sum += (has & 0x80) != 0 ? Digests.Of(ByHand.Take16(message, ref at)) : 0UL;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[13..]);
        return sum;
    }
}
