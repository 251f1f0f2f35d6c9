using Estream.Wire.OpcUa.Codec;

namespace Estream.Wire.OpcUa.Services;

/// <summary>How a server authenticates users at an endpoint (Part 4, 7.42).</summary>
internal sealed record UserTokenPolicy(string PolicyId, int TokenType, string? SecurityPolicyUri)
{
    public const int Anonymous = 0;
    public const int UserName = 1;
    public const int Certificate = 2;
}

/// <summary>An endpoint of a server (Part 4, 7.14).</summary>
internal sealed record Endpoint(
    string Url, string? ApplicationUri, byte[] Certificate, int Mode, string? PolicyUri, IReadOnlyList<UserTokenPolicy> UserTokens,
    string? TransportUri, byte Level)
{
    private const int MaxEndpoints = 1_000;
    private const string BinaryTransport = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary";

    public bool IsBinary => TransportUri is null or "" or BinaryTransport;

    public static List<Endpoint> ReadAll(ref UaReader reader)
    {
        int count = reader.ArrayLength(sizeof(int));
        List<Endpoint> endpoints = [];
        for (int index = 0; index < Math.Min(count, MaxEndpoints) && !reader.IsFailed; index++)
        {
            endpoints.Add(Read(ref reader));
        }

        return endpoints;
    }

    private static Endpoint Read(ref UaReader reader)
    {
        string url = reader.Text() ?? "";
        string? applicationUri = reader.Text();
        reader.Bytes();
        UaSkip.Elements(ref reader, UaType.LocalizedText, 1, 0);
        reader.UInt32();
        reader.Bytes();
        reader.Bytes();
        UaSkip.Elements(ref reader, UaType.String, reader.ArrayLength(sizeof(int)), 0);
        byte[] certificate = reader.Bytes().ToArray();
        int mode = reader.Int32();
        string? policy = reader.Text();
        List<UserTokenPolicy> tokens = [];
        int count = reader.ArrayLength(sizeof(int));
        for (int index = 0; index < count && !reader.IsFailed; index++)
        {
            string id = reader.Text() ?? "";
            int type = reader.Int32();
            reader.Bytes();
            reader.Bytes();
            tokens.Add(new UserTokenPolicy(id, type, reader.Text()));
        }

        string? transport = reader.Text();
        return new Endpoint(url, applicationUri, certificate, mode, policy, tokens, transport, reader.Byte());
    }
}
