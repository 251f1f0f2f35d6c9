using Estream.Scenarios.Codecs.Industrial;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Industrial;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Fills and reads the parts of esf-industrial messages in the classes of protoc.</summary>
internal static class IndustrialWire
{
    public static Pb.OpcUaNode? Fill(Pb.OpcUaNode? message, OpcUaNode? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.NamespaceIndex = record.NamespaceIndex;
        message.Numeric = record.Numeric.GetValueOrDefault();
        message.Text = record.Text.Chars;
        message.Guid = record.Guid.Chars;
        message.Opaque = Refill.Bytes(record.Opaque);
        return message;
    }

    public static ulong Take(Pb.OpcUaNode? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.NamespaceIndex;
        sum += message.Numeric;
        sum += Digests.Of(message.Text);
        sum += Digests.Of(message.Guid);
        sum += Digests.Of(message.Opaque.Span);
        return sum;
    }

    public static Pb.OpcUaVariant? Fill(Pb.OpcUaVariant? message, OpcUaVariant? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Boolean = record.Boolean.GetValueOrDefault();
        message.Signed = record.Signed.GetValueOrDefault();
        message.Unsigned = record.Unsigned.GetValueOrDefault();
        message.Single = record.Single.GetValueOrDefault();
        message.Double = record.Double.GetValueOrDefault();
        message.Time = record.Time.GetValueOrDefault();
        message.Text = record.Text.Chars;
        message.Locale = record.Locale.Chars;
        message.NamespaceIndex = record.NamespaceIndex.GetValueOrDefault();
        message.Binary = Refill.Bytes(record.Binary);
        return message;
    }

    public static ulong Take(Pb.OpcUaVariant? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += (message.Boolean ? 1UL : 0UL);
        sum += (ulong)message.Signed;
        sum += message.Unsigned;
        sum += BitConverter.SingleToUInt32Bits(message.Single);
        sum += BitConverter.DoubleToUInt64Bits(message.Double);
        sum += (ulong)message.Time;
        sum += Digests.Of(message.Text);
        sum += Digests.Of(message.Locale);
        sum += message.NamespaceIndex;
        sum += Digests.Of(message.Binary.Span);
        return sum;
    }
}
