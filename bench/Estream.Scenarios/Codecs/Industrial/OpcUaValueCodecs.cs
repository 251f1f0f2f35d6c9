using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Industrial;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Industrial.IndustrialByHand;

namespace Estream.Scenarios.Codecs.Industrial;

/// <summary>The fields of one OpcUaValue.</summary>
internal sealed record OpcUaValueRecord
{
    public Text Server { get; init; }
    public Text NamespaceUri { get; init; }
    public required OpcUaNode Node { get; init; }
    public uint AttributeId { get; init; }
    public OpcUaType Type { get; init; }
    public OpcUaVariant? Value { get; init; }
    public OpcUaVariant[] Elements { get; init; } = [];
    public uint[] Dimensions { get; init; } = [];
    public uint StatusCode { get; init; }
    public long? SourceTimestamp { get; init; }
    public ushort? SourcePicoseconds { get; init; }
    public long? ServerTimestamp { get; init; }
    public ushort? ServerPicoseconds { get; init; }
    public long ReceivedAt { get; init; }

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static OpcUaValueRecord[] All { get; } = [.. Enumerable.Range(0, 32).Select(Create)];

    private static OpcUaValueRecord Create(int index) => new()
    {
        Server = Text.Of("line-4"),
        NamespaceUri = Text.Of("urn:example:line"),
        Node = new OpcUaNode { NamespaceIndex = 2, Text = Text.Of($"Boiler{index % 8}.Temperature") },
        AttributeId = 13,
        Type = index % 8 == 7 ? OpcUaType.Int32 : index % 8 == 6 ? OpcUaType.LocalizedText : OpcUaType.Double,
        Value = index % 8 == 7 ? null : index % 8 == 6 ? Words(index) : new OpcUaVariant { Double = 78.25 + index },
        Elements = index % 8 == 7 ? [new OpcUaVariant { Signed = -index }, new OpcUaVariant { Signed = index }] : [],
        Dimensions = index % 8 == 7 ? [2] : [],
        StatusCode = (uint)(index % 3),
        SourceTimestamp = Sample.FirstTimestamp + index,
        SourcePicoseconds = (ushort)index,
        ServerTimestamp = Sample.FirstTimestamp + 1_000 + index,
        ReceivedAt = Sample.FirstTimestamp + 2_000 + index,
    };

    private static OpcUaVariant Words(int index) => new() { Text = Text.Of($"burner {index} on"), Locale = Text.Of("en-US") };
}

/// <summary>Encodes and decodes OpcUaValue with its generated writer and view.</summary>
internal readonly struct OpcUaValueEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        OpcUaValueRecord record = OpcUaValueRecord.All[index];
        OpcUaValue.Writer writer = OpcUaValue.Write(destination);
        writer.Server = record.Server.Utf8;
        if (record.NamespaceUri.IsThere)
        {
            writer.NamespaceUri = record.NamespaceUri.Utf8;
        }

        OpcUaValue.NodeWriter nodeWriter = writer.BeginNode();
        Put(ref nodeWriter, record.Node);
        writer.EndNode(nodeWriter);
        writer.AttributeId = record.AttributeId;
        writer.Type = record.Type;
        if (record.Value is { } value)
        {
            OpcUaValue.OpcUaVariantWriter valueWriter = writer.BeginValue();
            Put(ref valueWriter, value);
            writer.EndValue(valueWriter);
        }

        if (record.Elements.Length > 0)
        {
            var elementsWriter = writer.BeginElements();
            foreach (OpcUaVariant item in record.Elements)
            {
                OpcUaValue.OpcUaVariantWriter itemWriter = elementsWriter.Begin();
                Put(ref itemWriter, item);
                elementsWriter.End(itemWriter);
            }

            writer.EndElements(elementsWriter);
        }

        if (record.Dimensions.Length > 0)
        {
            var dimensionsWriter = writer.BeginDimensions();
            foreach (uint item in record.Dimensions)
            {
                dimensionsWriter.Add(item);
            }

            writer.EndDimensions(dimensionsWriter);
        }

        writer.StatusCode = record.StatusCode;
        if (record.SourceTimestamp is { } sourceTimestamp)
        {
            writer.SourceTimestamp = sourceTimestamp;
        }

        if (record.SourcePicoseconds is { } sourcePicoseconds)
        {
            writer.SourcePicoseconds = sourcePicoseconds;
        }

        if (record.ServerTimestamp is { } serverTimestamp)
        {
            writer.ServerTimestamp = serverTimestamp;
        }

        if (record.ServerPicoseconds is { } serverPicoseconds)
        {
            writer.ServerPicoseconds = serverPicoseconds;
        }

        writer.ReceivedAt = record.ReceivedAt;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        OpcUaValue.View view = OpcUaValue.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Server);
        sum += Digests.Of(view.NamespaceUri);
        sum += Take(view.Node);
        sum += view.AttributeId;
        sum += (ulong)view.Type;
        if (view.HasValue)
        {
            sum += Take(view.Value);
        }

        foreach (OpcUaValue.OpcUaVariantView item in view.Elements)
        {
            sum += Take(item);
        }

        foreach (uint item in view.Dimensions)
        {
            sum += item;
        }

        sum += view.StatusCode;
        sum += (ulong)view.SourceTimestamp.GetValueOrDefault();
        sum += view.SourcePicoseconds.GetValueOrDefault();
        sum += (ulong)view.ServerTimestamp.GetValueOrDefault();
        sum += view.ServerPicoseconds.GetValueOrDefault();
        sum += (ulong)view.ReceivedAt;
        return sum;
    }

    private static void Put(ref OpcUaValue.NodeWriter writer, OpcUaNode record)
    {
        writer.NamespaceIndex = record.NamespaceIndex;
        if (record.Numeric is { } numeric)
        {
            writer.Numeric = numeric;
        }

        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }

        if (record.Guid.IsThere)
        {
            writer.Guid = record.Guid.Utf8;
        }

        if (record.Opaque is { } opaque)
        {
            writer.Opaque = opaque;
        }
    }

    private static ulong Take(OpcUaValue.NodeView view)
    {
        ulong sum = 0;
        sum += view.NamespaceIndex;
        sum += view.Numeric.GetValueOrDefault();
        sum += Digests.Of(view.Text);
        sum += Digests.Of(view.Guid);
        sum += Digests.Of(view.Opaque);
        return sum;
    }

    private static void Put(ref OpcUaValue.OpcUaVariantWriter writer, OpcUaVariant record)
    {
        if (record.Boolean is { } boolean)
        {
            writer.Boolean = boolean;
        }

        if (record.Signed is { } signed)
        {
            writer.Signed = signed;
        }

        if (record.Unsigned is { } unsigned)
        {
            writer.Unsigned = unsigned;
        }

        if (record.Single is { } single)
        {
            writer.Single = single;
        }

        if (record.Double is { } @double)
        {
            writer.Double = @double;
        }

        if (record.Time is { } time)
        {
            writer.Time = time;
        }

        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }

        if (record.Locale.IsThere)
        {
            writer.Locale = record.Locale.Utf8;
        }

        if (record.NamespaceIndex is { } namespaceIndex)
        {
            writer.NamespaceIndex = namespaceIndex;
        }

        if (record.Binary is { } binary)
        {
            writer.Binary = binary;
        }
    }

    private static ulong Take(OpcUaValue.OpcUaVariantView view)
    {
        ulong sum = 0;
        sum += (view.Boolean.GetValueOrDefault() ? 1UL : 0UL);
        sum += (ulong)view.Signed.GetValueOrDefault();
        sum += view.Unsigned.GetValueOrDefault();
        sum += BitConverter.SingleToUInt32Bits(view.Single.GetValueOrDefault());
        sum += BitConverter.DoubleToUInt64Bits(view.Double.GetValueOrDefault());
        sum += (ulong)view.Time.GetValueOrDefault();
        sum += Digests.Of(view.Text);
        sum += Digests.Of(view.Locale);
        sum += view.NamespaceIndex.GetValueOrDefault();
        sum += Digests.Of(view.Binary);
        return sum;
    }
}

/// <summary>Encodes and decodes OpcUaValue with hand-written code.</summary>
internal readonly struct OpcUaValueByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        OpcUaValueRecord record = OpcUaValueRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 42);
        at += 42;
        uint has = 0;
        at = ByHand.Put16(destination, at, record.Server.Utf8);
        at = ByHand.Put32(destination, at, record.NamespaceUri.Utf8, ref has, 0x1);
        at = Put(destination, at, record.Node);
        BinaryPrimitives.WriteUInt32LittleEndian(block[1..], record.AttributeId);
        block[5] = (byte)record.Type;
        has |= record.Value is null ? 0u : 0x2u;
        at = Put(destination, at, record.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(block[6..], ByHand.Count(record.Elements.Length));
        foreach (OpcUaVariant item in record.Elements)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Dimensions.Length));
        at = ByHand.PutAll(destination, at, record.Dimensions);
        BinaryPrimitives.WriteUInt32LittleEndian(block[10..], record.StatusCode);
        BinaryPrimitives.WriteInt64LittleEndian(block[14..], ByHand.Value(record.SourceTimestamp, ref has, 0x4));
        BinaryPrimitives.WriteUInt16LittleEndian(block[22..], ByHand.Value(record.SourcePicoseconds, ref has, 0x8));
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], ByHand.Value(record.ServerTimestamp, ref has, 0x10));
        BinaryPrimitives.WriteUInt16LittleEndian(block[32..], ByHand.Value(record.ServerPicoseconds, ref has, 0x20));
        BinaryPrimitives.WriteInt64LittleEndian(block[34..], record.ReceivedAt);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 42);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take16(message, ref at));
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        sum += TakeOpcUaNode(message, at, out at);
        sum += BinaryPrimitives.ReadUInt32LittleEndian(block[1..]);
        sum += block[5];
        sum += (has & 0x2) != 0 ? TakeOpcUaVariant(message, at, out at) : 0UL;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[6..]); i > 0; i--)
        {
            sum += TakeOpcUaVariant(message, at, out at);
        }

        ReadOnlySpan<byte> dimensions = ByHand.Take(message, ref at, 4 * BinaryPrimitives.ReadUInt16LittleEndian(block[8..]));
        for (; !dimensions.IsEmpty; dimensions = dimensions[4..])
        {
            sum += BinaryPrimitives.ReadUInt32LittleEndian(dimensions);
        }

        sum += BinaryPrimitives.ReadUInt32LittleEndian(block[10..]);
        sum += (has & 0x4) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[14..]) : 0UL;
        sum += (has & 0x8) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[22..]) : 0UL;
        sum += (has & 0x10) != 0 ? (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[24..]) : 0UL;
        sum += (has & 0x20) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(block[32..]) : 0UL;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[34..]);
        return sum;
    }
}
