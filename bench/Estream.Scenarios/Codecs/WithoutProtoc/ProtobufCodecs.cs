namespace Estream.Scenarios.Codecs;

/// <summary>Says that there are none: protoc was not on PATH when this was built.</summary>
internal static class ProtobufCodecs
{
    public static bool AreBuilt => false;

    /// <summary>There is none.</summary>
    public static Codec Of(string schema) =>
        throw new NotSupportedException(
            $"there is no codec of Google.Protobuf for {schema}: protoc was not on PATH when the harness was built");
}
