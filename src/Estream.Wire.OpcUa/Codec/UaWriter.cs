using System.Buffers.Binary;
using System.Text;

namespace Estream.Wire.OpcUa.Codec;

/// <summary>Writes the binary encoding (Part 6, 5.2) into a growing buffer, which is reused for the next message. Not
/// thread-safe.</summary>
internal sealed class UaWriter
{
    private byte[] _buffer = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Returns memory for the next bytes, and counts them as written.</summary>
    public Span<byte> Advance(int count)
    {
        int end = checked(Length + count);
        if (end > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(end, 2 * _buffer.Length));
        }

        Span<byte> span = _buffer.AsSpan(Length, count);
        Length = end;
        return span;
    }

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Advance(bytes.Length));

    public void Byte(byte value) => Advance(1)[0] = value;

    public void Boolean(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Advance(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Advance(4), value);

    public void Int32(int value) => UInt32((uint)value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Advance(8), value);

    public void Int64(long value) => UInt64((ulong)value);

    public void Double(double value) => UInt64(BitConverter.DoubleToUInt64Bits(value));

    public void Status(UaStatus status) => UInt32(status.Code);

    public void Time(DateTime? time) => Int64(time is { } value ? UaTime.FromDateTime(value) : 0);

    public void Guid(Guid value) => value.TryWriteBytes(Advance(16));

    public void Text(string? text)
    {
        if (text is null)
        {
            Int32(-1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        Int32(length);
        Encoding.UTF8.GetBytes(text, Advance(length));
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        Int32(utf8.Length);
        Raw(utf8);
    }

    /// <summary>Writes a ByteString; empty bytes become null, as stacks expect for absent nonces and certificates.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Int32(bytes.IsEmpty ? -1 : bytes.Length);
        Raw(bytes);
    }

    public void NullArray() => Int32(-1);

    /// <summary>Writes the number of a type in namespace 0.</summary>
    public void TypeNumber(uint number) => NodeId(new UaNodeId(0, number));

    public void NodeId(in UaNodeId node) => NodeId(node, flags: 0);

    public void ExpandedNodeId(in UaExpandedNodeId node)
    {
        NodeId(node.NodeId, (byte)((node.NamespaceUri is null ? 0 : 0x80) | (node.ServerIndex == 0 ? 0 : 0x40)));
        if (node.NamespaceUri is not null)
        {
            Text(node.NamespaceUri);
        }

        if (node.ServerIndex != 0)
        {
            UInt32(node.ServerIndex);
        }
    }

    public void QualifiedName(UaQualifiedName name)
    {
        UInt16(name.NamespaceIndex);
        Text(name.Name);
    }

    public void LocalizedText(UaLocalizedText text)
    {
        Byte((byte)((text.Locale is null ? 0 : 1) | (text.Text is null ? 0 : 2)));
        if (text.Locale is not null)
        {
            Text(text.Locale);
        }

        if (text.Text is not null)
        {
            Text(text.Text);
        }
    }

    /// <summary>Begins an ExtensionObject with a binary body; end it with <see cref="EndStructure"/>.</summary>
    /// <returns>The place of the length.</returns>
    public int BeginStructure(uint type)
    {
        TypeNumber(type);
        Byte(1);
        Int32(0);
        return Length;
    }

    public void EndStructure(int start) =>
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(start - sizeof(int)), Length - start);

    /// <summary>Writes an ExtensionObject without type and body.</summary>
    public void NullStructure()
    {
        TypeNumber(0);
        Byte(0);
    }

    public void Variant(in UaVariant variant)
    {
        if (variant.Value is not object?[] elements)
        {
            Byte((byte)variant.Type);
            VariantEncoder.Element(this, variant.Type, variant.Value);
            return;
        }

        bool hasDimensions = variant.Dimensions is { Count: > 0 };
        Byte((byte)((byte)variant.Type | 0x80 | (hasDimensions ? 0x40 : 0)));
        Int32(elements.Length);
        foreach (object? element in elements)
        {
            VariantEncoder.Element(this, variant.Type, element);
        }

        if (hasDimensions)
        {
            Int32(variant.Dimensions!.Count);
            foreach (int dimension in variant.Dimensions)
            {
                Int32(dimension);
            }
        }
    }

    public void DataValue(in UaDataValue value)
    {
        bool hasValue = value.Value.Type != UaType.Null;
        bool hasStatus = value.Status.Code != 0;
        Byte((byte)((hasValue ? 1 : 0) | (hasStatus ? 2 : 0) | (value.SourceTimestamp is null ? 0 : 4)
            | (value.ServerTimestamp is null ? 0 : 8)));
        if (hasValue)
        {
            Variant(value.Value);
        }

        if (hasStatus)
        {
            Status(value.Status);
        }

        if (value.SourceTimestamp is not null)
        {
            Time(value.SourceTimestamp);
        }

        if (value.ServerTimestamp is not null)
        {
            Time(value.ServerTimestamp);
        }
    }

    private void NodeId(in UaNodeId node, byte flags)
    {
        switch (node)
        {
            case { IsNumeric: true, NamespaceIndex: 0, Numeric: <= 255 }:
                Byte(flags);
                Byte((byte)node.Numeric);
                break;
            case { IsNumeric: true, NamespaceIndex: <= 255, Numeric: <= ushort.MaxValue }:
                Byte((byte)(1 | flags));
                Byte((byte)node.NamespaceIndex);
                UInt16((ushort)node.Numeric);
                break;
            case { IsNumeric: true }:
                Byte((byte)(2 | flags));
                UInt16(node.NamespaceIndex);
                UInt32(node.Numeric);
                break;
            case { Text: { } text }:
                Byte((byte)(3 | flags));
                UInt16(node.NamespaceIndex);
                Text(text);
                break;
            case { AsGuid: { } guid }:
                Byte((byte)(4 | flags));
                UInt16(node.NamespaceIndex);
                Guid(guid);
                break;
            default:
                Byte((byte)(5 | flags));
                UInt16(node.NamespaceIndex);
                Text(node.Opaque.Span);
                break;
        }
    }
}

/// <summary>Writes the elements of variants.</summary>
internal static class VariantEncoder
{
    /// <exception cref="InvalidCastException">The value does not have the .NET type of the built-in type.</exception>
    public static void Element(UaWriter writer, UaType type, object? value)
    {
        switch (type)
        {
            case UaType.Null:
                break;
            case UaType.Boolean:
                writer.Boolean((bool)value!);
                break;
            case UaType.SByte:
                writer.Byte((byte)(sbyte)value!);
                break;
            case UaType.Byte:
                writer.Byte((byte)value!);
                break;
            case UaType.Int16:
                writer.UInt16((ushort)(short)value!);
                break;
            case UaType.UInt16:
                writer.UInt16((ushort)value!);
                break;
            case UaType.Int32:
                writer.Int32((int)value!);
                break;
            case UaType.UInt32:
                writer.UInt32((uint)value!);
                break;
            case UaType.Int64:
                writer.Int64((long)value!);
                break;
            case UaType.UInt64:
                writer.UInt64((ulong)value!);
                break;
            case UaType.Float:
                writer.UInt32(BitConverter.SingleToUInt32Bits((float)value!));
                break;
            case UaType.Double:
                writer.Double((double)value!);
                break;
            default:
                Object(writer, type, value);
                break;
        }
    }

    private static void Object(UaWriter writer, UaType type, object? value)
    {
        switch (type)
        {
            case UaType.String or UaType.XmlElement:
                writer.Text((string?)value);
                break;
            case UaType.DateTime:
                writer.Time((DateTime)value!);
                break;
            case UaType.Guid:
                writer.Guid((Guid)value!);
                break;
            case UaType.ByteString when value is null:
                writer.NullArray();
                break;
            case UaType.ByteString:
                writer.Text((byte[])value);
                break;
            case UaType.NodeId:
                writer.NodeId((UaNodeId)value!);
                break;
            case UaType.ExpandedNodeId:
                writer.ExpandedNodeId((UaExpandedNodeId)value!);
                break;
            case UaType.StatusCode:
                writer.Status((UaStatus)value!);
                break;
            case UaType.QualifiedName:
                writer.QualifiedName((UaQualifiedName)value!);
                break;
            case UaType.LocalizedText:
                writer.LocalizedText((UaLocalizedText)value!);
                break;
            case UaType.ExtensionObject:
                Structure(writer, (UaExtensionObject)value!);
                break;
            case UaType.DataValue:
                writer.DataValue((UaDataValue)value!);
                break;
            case UaType.Variant:
                writer.Variant((UaVariant)value!);
                break;
            default:
                // A DiagnosticInfo without content.
                writer.Byte(0);
                break;
        }
    }

    private static void Structure(UaWriter writer, UaExtensionObject value)
    {
        writer.NodeId(value.TypeId);
        writer.Byte(value.Body.IsEmpty ? (byte)0 : value.IsXml ? (byte)2 : (byte)1);
        if (!value.Body.IsEmpty)
        {
            writer.Text(value.Body.Span);
        }
    }
}
