using Estream.Testing;
using Estream.Wire.OpcUa.Adapter;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Monitoring;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Tests.Adapter;

/// <summary>Goal: decoding a notification message and translating its values allocates nothing.</summary>
public sealed class NotificationAllocationTests
{
    [Fact]
    public void Values_of_a_notification_message_are_translated_without_allocation()
    {
        OpcUaItemOptions options = new() { Name = "level", Node = "ns=1;s=Level" };
        AdapterItem item = new(0, 0, 0, options, "line"u8.ToArray(), "level"u8.ToArray());
        byte[] data = Message(
            new UaVariant(UaType.Double, 1.5), new UaVariant(UaType.Int32, -3), new UaVariant(UaType.String, "näme"),
            new UaVariant(UaType.Boolean, true), new UaVariant(UaType.UInt64, ulong.MaxValue), new UaVariant(UaType.Float, 2f));
        ReadingTranslator readings = new([item]);
        ValueTranslator values = new([item]);
        byte[] payload = new byte[1_024];
        byte[] esf = new byte[16_384];
        int count = 0;
        long allocated = AllocationMeter.OnThisThread(1_000, () =>
        {
            NotificationReader reader = new(data);
            while (reader.MoveNext())
            {
                ItemRecord.WriteHeader(payload, 0, 1);
                reader.Value.CopyTo(payload.AsSpan(ItemRecord.HeaderBytes));
                WireMessage message = new("readings/line/level"u8, payload.AsSpan(0, ItemRecord.HeaderBytes + reader.Value.Length));
                count += readings.Translate(message, esf, out _).IsOk && values.Translate(message, esf, out _).IsOk ? 1 : 0;
            }
        });
        Assert.Equal(0, allocated);
        Assert.True(count >= 6_000, $"{count} values were translated");
    }

    internal static byte[] Message(params UaVariant[] values)
    {
        UaWriter writer = new();
        writer.Int32(1);
        int start = writer.BeginStructure(TypeNumbers.DataChangeNotification);
        writer.Int32(values.Length);
        foreach (UaVariant value in values)
        {
            writer.UInt32(0);
            writer.DataValue(new UaDataValue(value, UaStatus.Good, DateTime.UtcNow, DateTime.UtcNow));
        }

        writer.NullArray();
        writer.EndStructure(start);
        return writer.Written.ToArray();
    }
}
