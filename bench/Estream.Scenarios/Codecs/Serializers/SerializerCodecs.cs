namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>The rows of serializers from NuGet: for a flat message, for one with byte strings, and for one with lists.</summary>
internal static class SerializerCodecs
{
    public static IReadOnlyList<Codec> IoTTelemetry { get; } =
        Rows<IoTTelemetryMemoryPack, IoTTelemetryMessagePack, IoTTelemetryFlatBuffers, IoTTelemetryProtobufNet>();

    public static IReadOnlyList<Codec> EStreamOrder { get; } =
        Rows<EStreamOrderMemoryPack, EStreamOrderMessagePack, EStreamOrderFlatBuffers, EStreamOrderProtobufNet>();

    public static IReadOnlyList<Codec> ModbusReadResponse { get; } =
        Rows<ModbusReadResponseMemoryPack, ModbusReadResponseMessagePack, ModbusReadResponseFlatBuffers, ModbusReadResponseProtobufNet>();

    private static Codec[] Rows<TMemoryPack, TMessagePack, TFlatBuffers, TProtobufNet>()
        where TMemoryPack : struct, ICodec
        where TMessagePack : struct, ICodec
        where TFlatBuffers : struct, ICodec
        where TProtobufNet : struct, ICodec =>
        [
            Row<TMemoryPack>("memorypack"),
            Row<TMessagePack>("messagepack"),
            Row<TFlatBuffers>("google-flatbuffers"),
            Row<TProtobufNet>("protobuf-net"),
        ];

    private static Codec Row<T>(string implementation)
        where T : struct, ICodec => Codec.Of<T>(implementation) with { Portion = CodecWorkload.LargestPortion };
}
