using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Industrial;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Industrial.IndustrialByHand;

namespace Estream.Scenarios.Codecs.Industrial;

/// <summary>The fields of one ModbusWriteResponse.</summary>
internal sealed record ModbusWriteResponseRecord
{
    public Text DeviceId { get; init; }
    public byte UnitId { get; init; }
    public ModbusFunction Function { get; init; }
    public byte FunctionCode { get; init; }
    public ushort Address { get; init; }
    public ushort Quantity { get; init; }
    public bool[] Bits { get; init; } = [];
    public ushort[] Registers { get; init; } = [];
    public ushort? AndMask { get; init; }
    public ushort? OrMask { get; init; }
    public ModbusException? Exception { get; init; }
    public byte? ExceptionCode { get; init; }
    public ushort? TransactionId { get; init; }
    public long RequestedAt { get; init; }
    public long AnsweredAt { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static ModbusWriteResponseRecord[] All { get; } = [.. Enumerable.Range(0, 64).Select(Create)];

    private static ModbusWriteResponseRecord Create(int index) => new()
    {
        DeviceId = Text.Of($"plc-{index:0000}"),
        UnitId = (byte)(1 + (index % 16)),
        Function = index % 4 == 0 ? ModbusFunction.WriteMultipleCoils : ModbusFunction.WriteMultipleRegisters,
        FunctionCode = (byte)(index % 4 == 0 ? 15 : 16),
        Address = (ushort)(100 + index),
        Quantity = 4,
        Bits = index % 4 == 0 ? [true, false, true, (index & 4) == 0] : [],
        Registers = index % 4 == 0 ? [] : [555, 0, 65535, (ushort)index],
        AndMask = index % 8 == 7 ? (ushort)0xF2 : null,
        OrMask = index % 8 == 7 ? (ushort)0x25 : null,
        Exception = index % 16 == 15 ? ModbusException.ServerDeviceBusy : null,
        ExceptionCode = index % 16 == 15 ? (byte)6 : null,
        TransactionId = (ushort)(7_000 + index),
        RequestedAt = Sample.FirstTimestamp + index,
        AnsweredAt = Sample.FirstTimestamp + 4_000_000 + index,
    };
}

/// <summary>Encodes and decodes ModbusWriteResponse with its generated writer and view.</summary>
internal readonly struct ModbusWriteResponseEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusWriteResponseRecord record = ModbusWriteResponseRecord.All[index];
        ModbusWriteResponse.Writer writer = ModbusWriteResponse.Write(destination);
        writer.DeviceId = record.DeviceId.Utf8;
        writer.UnitId = record.UnitId;
        writer.Function = record.Function;
        writer.FunctionCode = record.FunctionCode;
        writer.Address = record.Address;
        writer.Quantity = record.Quantity;
        if (record.Bits.Length > 0)
        {
            var bitsWriter = writer.BeginBits();
            foreach (bool item in record.Bits)
            {
                bitsWriter.Add(item);
            }

            writer.EndBits(bitsWriter);
        }

        if (record.Registers.Length > 0)
        {
            var registersWriter = writer.BeginRegisters();
            foreach (ushort item in record.Registers)
            {
                registersWriter.Add(item);
            }

            writer.EndRegisters(registersWriter);
        }

        if (record.AndMask is { } andMask)
        {
            writer.AndMask = andMask;
        }

        if (record.OrMask is { } orMask)
        {
            writer.OrMask = orMask;
        }

        if (record.Exception is { } exception)
        {
            writer.Exception = exception;
        }

        if (record.ExceptionCode is { } exceptionCode)
        {
            writer.ExceptionCode = exceptionCode;
        }

        if (record.TransactionId is { } transactionId)
        {
            writer.TransactionId = transactionId;
        }

        writer.RequestedAt = record.RequestedAt;
        writer.AnsweredAt = record.AnsweredAt;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        ModbusWriteResponse.View view = ModbusWriteResponse.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.DeviceId);
        sum += view.UnitId;
        sum += (ulong)view.Function;
        sum += view.FunctionCode;
        sum += view.Address;
        sum += view.Quantity;
        foreach (bool item in view.Bits)
        {
            sum += (item ? 1UL : 0UL);
        }

        foreach (ushort item in view.Registers)
        {
            sum += item;
        }

        sum += view.AndMask.GetValueOrDefault();
        sum += view.OrMask.GetValueOrDefault();
        sum += (ulong)view.Exception.GetValueOrDefault();
        sum += view.ExceptionCode.GetValueOrDefault();
        sum += view.TransactionId.GetValueOrDefault();
        sum += (ulong)view.RequestedAt;
        sum += (ulong)view.AnsweredAt;
        return sum;
    }
}

/// <summary>Encodes and decodes ModbusWriteResponse with hand-written code.</summary>
internal readonly struct ModbusWriteResponseByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        ModbusWriteResponseRecord record = ModbusWriteResponseRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 36);
        at += 36;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.DeviceId.Utf8);
        block[1] = record.UnitId;
        block[2] = (byte)record.Function;
        block[3] = record.FunctionCode;
        BinaryPrimitives.WriteUInt16LittleEndian(block[4..], record.Address);
        BinaryPrimitives.WriteUInt16LittleEndian(block[6..], record.Quantity);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Bits.Length));
        foreach (bool item in record.Bits)
        {
            destination[at++] = item ? (byte)1 : (byte)0;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], ByHand.Count(record.Registers.Length));
        at = ByHand.PutAll(destination, at, record.Registers);
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], ByHand.Value(record.AndMask, ref has, 0x1));
        BinaryPrimitives.WriteUInt16LittleEndian(block[14..], ByHand.Value(record.OrMask, ref has, 0x2));
        block[16] = (byte)ByHand.Value(record.Exception, ref has, 0x4);
        block[17] = ByHand.Value(record.ExceptionCode, ref has, 0x8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[18..], ByHand.Value(record.TransactionId, ref has, 0x10));
        BinaryPrimitives.WriteInt64LittleEndian(block[20..], record.RequestedAt);
        BinaryPrimitives.WriteInt64LittleEndian(block[28..], record.AnsweredAt);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 36);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[1];
        sum += block[2];
        sum += block[3];
        sum += BinaryPrimitives.ReadUInt16LittleEndian(block[4..]);
        sum += BinaryPrimitives.ReadUInt16LittleEndian(block[6..]);
        ReadOnlySpan<byte> bits = ByHand.Take(message, ref at, BinaryPrimitives.ReadUInt16LittleEndian(block[8..]));
        foreach (byte item in bits)
        {
            sum += item != 0 ? 1UL : 0UL;
        }

        ReadOnlySpan<byte> registers = ByHand.Take(message, ref at, 2 * BinaryPrimitives.ReadUInt16LittleEndian(block[10..]));
        for (; !registers.IsEmpty; registers = registers[2..])
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(registers);
        }

        sum += (has & 0x1) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[12..]) : 0UL;
        sum += (has & 0x2) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[14..]) : 0UL;
        sum += (has & 0x4) != 0 ? block[16] : 0UL;
        sum += (has & 0x8) != 0 ? block[17] : 0UL;
        sum += (has & 0x10) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[18..]) : 0UL;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[20..]);
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[28..]);
        return sum;
    }
}
