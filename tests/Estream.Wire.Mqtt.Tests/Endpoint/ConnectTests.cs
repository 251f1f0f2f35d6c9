using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public class ConnectTests
{
    /// <summary>The error of a CONNECT with the statement that forbids it, the reason code of the CONNACK, and the bytes.</summary>
    public static TheoryData<string, MqttReasonCode, string> BadConnects { get; } = new()
    {
        { "another protocol name, [MQTT-3.1.2-1]", MqttReasonCode.UnsupportedProtocolVersion, "10 0E 0004 58515454 05 02 003C 00 0001 61" },
        { "protocol version 6, [MQTT-3.1.2-2]", MqttReasonCode.UnsupportedProtocolVersion, "10 0E 0004 4D515454 06 02 003C 00 0001 61" },
        { "reserved CONNECT flag, [MQTT-3.1.2-3]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 03 003C 00 0001 61" },
        { "reserved flags of the fixed header, [MQTT-2.1.3-1]", MqttReasonCode.MalformedPacket,
            "11 0E 0004 4D515454 05 02 003C 00 0001 61" },
        { "Will QoS 3, [MQTT-3.1.2-12]", MqttReasonCode.MalformedPacket, "10 13 0004 4D515454 05 1E 003C 00 0001 61 00 0001 62 0000" },
        { "Will QoS without a will, [MQTT-3.1.2-11]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 0A 003C 00 0001 61" },
        { "Will Retain without a will, [MQTT-3.1.2-13]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 22 003C 00 0001 61" },
        { "will flag without a will, [MQTT-3.1.2-9]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 06 003C 00 0001 61" },
        { "Will Topic with a wildcard, [MQTT-4.7.1-1]", MqttReasonCode.TopicNameInvalid,
            "10 15 0004 4D515454 05 06 003C 00 0001 61 00 0001 23 0001 78" },
        { "user name flag without name, [MQTT-3.1.2-17]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 82 003C 00 0001 61" },
        { "user name without its flag, [MQTT-3.1.2-16]", MqttReasonCode.MalformedPacket,
            "10 11 0004 4D515454 05 02 003C 00 0001 61 0001 62" },
        { "password flag without password, [MQTT-3.1.2-19]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 42 003C 00 0001 61" },
        { "password without its flag, [MQTT-3.1.2-18]", MqttReasonCode.MalformedPacket,
            "10 14 0004 4D515454 05 82 003C 00 0001 61 0001 62 0001 63" },
        { "Will Topic that is not UTF-8, [MQTT-3.1.3-11]", MqttReasonCode.MalformedPacket,
            "10 15 0004 4D515454 05 06 003C 00 0001 61 00 0001 FF 0001 78" },
        { "Will Retain although retained messages are not supported, [MQTT-3.2.2-13]", MqttReasonCode.RetainNotSupported,
            "10 15 0004 4D515454 05 26 003C 00 0001 61 00 0001 62 0001 78" },
        { "client identifier missing, [MQTT-3.1.3-3]", MqttReasonCode.MalformedPacket, "10 0B 0004 4D515454 05 02 003C 00" },
        { "client identifier that is not UTF-8, [MQTT-3.1.3-4]", MqttReasonCode.MalformedPacket,
            "10 0E 0004 4D515454 05 02 003C 00 0001 FF" },
        { "client identifier with U+0000, [MQTT-1.5.4-2]", MqttReasonCode.MalformedPacket, "10 0E 0004 4D515454 05 02 003C 00 0001 00" },
        { "user name that is not UTF-8, [MQTT-3.1.3-12]", MqttReasonCode.MalformedPacket,
            "10 11 0004 4D515454 05 82 003C 00 0001 61 0001 FF" },
        { "truncated inside the protocol name", MqttReasonCode.MalformedPacket, "10 04 0004 4D51" },
        { "Receive Maximum 0, section 3.1.2.11.3", MqttReasonCode.ProtocolError, "10 11 0004 4D515454 05 02 003C 03 210000 0001 61" },
        { "Maximum Packet Size 0, section 3.1.2.11.4", MqttReasonCode.ProtocolError,
            "10 13 0004 4D515454 05 02 003C 05 2700000000 0001 61" },
        { "Session Expiry that occurs twice, section 3.1.2.11.2", MqttReasonCode.ProtocolError,
            "10 18 0004 4D515454 05 02 003C 0A 1100000001 1100000001 0001 61" },
        { "Request Problem Information 2, section 3.1.2.11.7", MqttReasonCode.ProtocolError,
            "10 10 0004 4D515454 05 02 003C 02 1702 0001 61" },
        { "a property of another packet, section 2.2.2.2", MqttReasonCode.MalformedPacket,
            "10 11 0004 4D515454 05 02 003C 03 230001 0001 61" },
        { "Authentication Data without a method, section 3.1.2.11.10", MqttReasonCode.ProtocolError,
            "10 12 0004 4D515454 05 02 003C 04 16000178 0001 61" },
        { "an authentication method, [MQTT-4.12.0-1]", MqttReasonCode.BadAuthenticationMethod,
            "10 12 0004 4D515454 05 02 003C 04 15000178 0001 61" },
        { "a TLS ClientHello, whose first byte is a CONNECT with flags, [MQTT-2.1.3-1]", MqttReasonCode.MalformedPacket,
            "16 03 01 00 05" },
        { "larger than Maximum Packet Size", MqttReasonCode.PacketTooLarge, "10 FF FF FF 7F" },
        { "Remaining Length of five bytes, [MQTT-1.5.5-1]", MqttReasonCode.MalformedPacket, "10 FF FF FF FF 01" },
    };

    [Theory]
    [MemberData(nameof(BadConnects))]
    [Trait("Statement", "MQTT-3.1.4-1")]
    [Trait("Statement", "MQTT-3.2.2-7")]
    [Trait("Statement", "MQTT-4.13.2-1")]
    public async Task Invalid_CONNECT_is_refused_with_the_prescribed_reason_code(string what, MqttReasonCode reason, string hex)
    {
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes(hex));

        client.ExpectRefusal(reason);
    }

    [Theory]
    [InlineData("PINGREQ", "C0 00")]
    [InlineData("PUBLISH", "30 04 0001 61 00")]
    [InlineData("DISCONNECT", "E0 00")]
    [InlineData("HTTP", "47 45 54 20 2F")]
    [Trait("Statement", "MQTT-3.1.0-1")]
    [Trait("Statement", "MQTT-3.14.0-1")]
    public async Task First_packet_other_than_CONNECT_closes_without_an_answer(string what, string hex)
    {
        // [MQTT-3.1.0-1]; nothing is sent, because a DISCONNECT must not precede a CONNACK [MQTT-3.14.0-1].
        Assert.NotEmpty(what);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes(hex));

        client.ExpectClosed();
        Assert.Equal(1, endpoint.Adapter.Statistics.RejectedTotal);
    }

    [Theory]
    [InlineData("3.1", "10 0F 0006 4D5149736470 03 02 003C 0001 61")]
    public async Task Client_of_MQTT_3_1_gets_return_code_1(string version, string hex)
    {
        // The CONNACK of version 3: two bytes, return code 1, unacceptable protocol version.
        Assert.NotEmpty(version);
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(Hex.Bytes(hex));

        RawPacket answer = client.Read();
        Assert.Equal(0x20, answer.First);
        Assert.Equal([0, 1], answer.Body);
        client.ExpectClosed();
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.3-6")]
    [Trait("Statement", "MQTT-3.1.3-7")]
    [Trait("Statement", "MQTT-3.2.2-16")]
    public async Task Client_without_an_identifier_is_assigned_one()
    {
        // [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient first = endpoint.Open();
        using RawClient second = endpoint.Open();

        string one = AssignedId(first.Connect(""));
        string other = AssignedId(second.Connect(""));

        Assert.StartsWith("estream-", one, StringComparison.Ordinal);
        Assert.NotEqual(one, other);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.4-5")]
    public async Task CONNACK_contains_what_the_endpoint_grants()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            ReceiveMaximum = 11,
            TopicAliasMaximum = 12,
            MaxPacketBytes = 5_000,
            MaxKeepAliveSeconds = 13,
            MaxSessionExpirySeconds = 14,
        });
        using RawClient client = endpoint.Open();

        RawPacket answer = client.Connect(keepAlive: 0, expirySeconds: 3_600);

        Assert.False(ConnAckPacket.Decode(answer.Body, out ConnAckPacket grant).IsFault);
        Assert.False(grant.SessionPresent);
        Assert.Equal(11, grant.ReceiveMaximum);
        Assert.Equal(12, grant.TopicAliasMaximum);
        Assert.Equal(5_000u, grant.MaximumPacketSize);
        Assert.Equal((ushort)13, grant.ServerKeepAliveSeconds);
        Assert.Equal(14u, grant.SessionExpirySeconds);
        Assert.Null(grant.AssignedClientId);

        // Retain, Wildcard Subscription, Subscription Identifier and Shared Subscription are all not available.
        Assert.Contains("2500280029002A00", Convert.ToHexString(answer.Body), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Statement", "MQTT-3.2.2-22")]
    public async Task Keep_alive_within_the_limit_is_not_changed()
    {
        // [MQTT-3.2.2-22]
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        RawPacket answer = client.Connect(keepAlive: 60);

        Assert.False(ConnAckPacket.Decode(answer.Body, out ConnAckPacket grant).IsFault);
        Assert.Null(grant.ServerKeepAliveSeconds);
    }

    [Fact]
    public async Task Connection_beyond_the_limit_is_closed()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxConnections = 1 });
        using RawClient first = endpoint.Connect("first");
        using RawClient second = endpoint.Open();

        second.ExpectClosed();
        Assert.Equal(1, endpoint.Adapter.Statistics.Connections);
        first.Dispose();
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the first connection is gone");
        using RawClient third = endpoint.Connect("third");
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.4-2")]
    public async Task Session_beyond_the_limit_is_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxSessions = 1 });
        using RawClient first = endpoint.Connect("first");
        using RawClient second = endpoint.Open();

        second.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "second" }));

        second.ExpectRefusal(MqttReasonCode.QuotaExceeded);
    }

    [Fact]
    public async Task MQTT_3_1_3_8_client_identifier_is_refused_when_it_exceeds_the_limit()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxClientIdBytes = 30 });
        using RawClient longer = endpoint.Open();
        longer.Send(ClientPackets.Connect(new ConnectRequest { ClientId = new string('x', 31) }));
        longer.ExpectRefusal(MqttReasonCode.ClientIdentifierNotValid);

        using RawClient longest = endpoint.Connect(new string('x', 30));
        Assert.All(endpoint.Queues.Events,
            happened => Assert.DoesNotContain(new string('x', 31), happened.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task User_name_above_the_limit_is_refused()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient client = endpoint.Open();

        client.Send(ClientPackets.Connect(new ConnectRequest { ClientId = "pump", UserName = new string('u', 1_025) }));

        client.ExpectRefusal(MqttReasonCode.BadUserNameOrPassword);
    }

    [Fact]
    public async Task TLS_connection_ends_with_close_notify()
    {
        // A stream that ends without close_notify could have been truncated by an attacker.
        using TempDirectory folder = new();
        TestCertificates.Write(folder, "endpoint").Dispose();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            Tls = new WireServerTlsOptions { CertificateFile = folder.Combine("endpoint.crt"), KeyFile = folder.Combine("endpoint.key") },
        });
        using RawClient client = endpoint.Open();
        client.Secure(folder.Combine("endpoint-ca.crt"), SslProtocols.Tls12);
        client.Connect();
        client.Send(0xC1, 0);

        List<byte> records = [];
        using NetworkStream stream = new(client.Socket) { ReadTimeout = 60_000 };
        byte[] header = new byte[5];
        while (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            records.Add(header[0]);
            stream.ReadExactly(new byte[(header[3] << 8) | header[4]]);
        }

        const byte Alert = 21;
        const byte Data = 23;
        Assert.Equal([Data, Alert], records);
    }

    private static string AssignedId(RawPacket answer)
    {
        Assert.False(ConnAckPacket.Decode(answer.Body, out ConnAckPacket grant).IsFault);
        return grant.AssignedClientId ?? "";
    }
}
