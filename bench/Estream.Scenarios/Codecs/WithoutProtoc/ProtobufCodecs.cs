namespace Estream.Scenarios.Codecs;

/// <summary>Has no codecs, because protoc was not on PATH when this program was built.</summary>
internal static class ProtobufCodecs
{
    public static bool AreBuilt => false;

    /// <summary>Throws, because there are no codecs.</summary>
    public static Codec Of(string schema) =>
        throw new NotSupportedException(
            $"there is no codec of Google.Protobuf for {schema}: protoc was not on PATH when the harness was built");
}
