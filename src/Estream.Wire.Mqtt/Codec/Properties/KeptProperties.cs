namespace Estream.Wire.Mqtt.Codec;

/// <summary>
/// The properties of a message that go to its subscribers as they came and in their order [MQTT-3.3.2-15] to [MQTT-3.3.2-18],
/// [MQTT-3.3.2-20], [MQTT-3.1.3-10]: all but those about this one hop, its alias, how long it has left, and how long a will waits.
/// </summary>
internal static class KeptProperties
{
    /// <summary>Copies what is kept of a block that was found valid.</summary>
    /// <param name="block">The property block of a PUBLISH or of a will, without its length.</param>
    /// <param name="packet">Which of the two.</param>
    /// <param name="destination">At least as long as the block.</param>
    /// <returns>Bytes written.</returns>
    public static int Copy(ReadOnlySpan<byte> block, PacketType packet, Span<byte> destination)
    {
        int length = 0;
        PropertyReader each = new(block, packet);
        while (each.MoveNext())
        {
            if (IsKept(each.Id))
            {
                each.Raw.CopyTo(destination[length..]);
                length += each.Raw.Length;
            }
        }

        return length;
    }

    private static bool IsKept(PropertyId id)
    {
        return id is PropertyId.PayloadFormatIndicator or PropertyId.ContentType or PropertyId.ResponseTopic
            or PropertyId.CorrelationData or PropertyId.UserProperty;
    }
}
