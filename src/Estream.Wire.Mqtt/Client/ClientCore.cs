using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The state of a client that outlives its connections: the session, the counters, and the result of subscribing.</summary>
internal sealed class ClientCore : IDisposable
{
    /// <summary>The packet identifier of the only SUBSCRIBE. The identifiers of PUBLISH packets are below it.</summary>
    public const ushort SubscribeId = ushort.MaxValue;

    private readonly AdapterContext _context;

    public ClientCore(MqttClientOptions options, AdapterContext context, IngressRoutes routes)
    {
        Options = options;
        _context = context;
        Routes = routes;
        Events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        Counters = new MqttCounters(context.Name, context.Rejections);
        Broker = $"broker {options.Host}:{options.Port}";
        Session = ClientSession.Open(null, Owner);
        Outbound = new OutboundWindow(Session, Counters);
    }

    public MqttClientOptions Options { get; }

    public IngressRoutes Routes { get; }

    public AdapterEventLog Events { get; }

    public MqttCounters Counters { get; }

    public IClock Clock => _context.Clock;

    /// <summary>The name of the broker in messages.</summary>
    public string Broker { get; }

    /// <summary>The known state of the session that the broker keeps. After <see cref="OpenSession"/> it survives restarts.</summary>
    public ClientSession Session { get; private set; }

    public OutboundWindow Outbound { get; private set; }

    /// <summary>The subscriptions that the broker refused or granted with a lower QoS; null for none, and before the SUBACK.</summary>
    public string? RefusedSubscriptions { get; private set; }

    /// <summary>Whether the broker has answered the SUBSCRIBE of this session.</summary>
    public bool IsSubscribed { get; set; }

    private string Owner => $"{Options.Host}:{Options.Port} {Options.ClientId}";

    /// <summary>Opens the session state of an earlier process.</summary>
    /// <exception cref="EstreamException">The session state cannot be created, opened or read.</exception>
    public void OpenSession()
    {
        ClientSession session = ClientSession.Open(_context.Place, Owner);
        Outbound.Dispose();
        Session = session;
        Outbound = new OutboundWindow(session, Counters);
    }

    public IngressWriter CreateWriter()
    {
        return new IngressWriter(Routes, _context, Events);
    }

    /// <summary>Creates a SCRAM exchange; null if the client authenticates with its password.</summary>
    /// <exception cref="WireConnectionException">The password cannot be read, or others than its owner can read it too.</exception>
    public ScramClient? CreateExchange()
    {
        if (Options.Authentication != MqttAuthentication.ScramSha256)
        {
            return null;
        }

        return new ScramClient(Options.UserName!, ReadPassword()!, Scram.NewNonce());
    }

    /// <exception cref="WireConnectionException">The password cannot be read, or others than its owner can read it too.</exception>
    public ConnectRequest CreateRequest(ScramClient? exchange)
    {
        return new ConnectRequest
        {
            ClientId = Options.ClientId,
            CleanStart = Session.IsToBeDiscarded,
            KeepAliveSeconds = (ushort)Options.KeepAliveSeconds,
            SessionExpirySeconds = Session.IsToBeDiscarded ? 0 : Options.SessionExpirySeconds,
            ReceiveMaximum = (ushort)Options.ReceiveMaximum,
            MaximumPacketSize = Options.MaxPacketBytes,
            TopicAliasMaximum = (ushort)Options.TopicAliasMaximum,
            UserName = exchange is null ? Options.UserName : null,
            Password = exchange is null ? ReadPassword() : null,
            AuthenticationMethod = exchange is null ? null : Scram.Method.ToArray(),
            AuthenticationData = exchange?.First(),

            // A connection that only discards a session ends at once. The broker must not publish the will when this connection ends.
            Will = Session.IsToBeDiscarded ? null : Options.Will,
        };
    }

    /// <summary>Compares the granted subscriptions with the requested subscriptions.</summary>
    public Fault OnSubscribed(in ReasonsPacket granted)
    {
        if (granted.PacketId != SubscribeId || granted.Reasons.Length != Options.Subscriptions.Count)
        {
            return Fault.Protocol("a SUBACK does not match its SUBSCRIBE filter by filter [MQTT-3.8.4-6]");
        }

        List<string> refused = [];
        for (int index = 0; index < granted.Reasons.Length; index++)
        {
            MqttReasonCode reason = (MqttReasonCode)granted.Reasons[index];
            if (reason >= MqttReasonCode.UnspecifiedError)
            {
                refused.Add($"'{Options.Subscriptions[index].Filter}' (0x{(byte)reason:X2} {reason})");
            }
            else if ((int)reason < (int)Options.Subscriptions[index].Qos)
            {
                refused.Add(
                    $"'{Options.Subscriptions[index].Filter}' (QoS {(int)reason} instead of {(int)Options.Subscriptions[index].Qos})");
            }
        }

        SetRefused(refused.Count == 0 ? null : string.Join(", ", refused));
        return default;
    }

    /// <summary>Reports that the SUBSCRIBE was not sent because it exceeds the broker's Maximum Packet Size [MQTT-3.2.2-15].</summary>
    public void OnSubscribeTooLong(int length, uint maximum)
    {
        SetRefused($"the SUBSCRIBE was not sent, because its {length} bytes exceed the broker's Maximum Packet Size, {maximum}; use "
            + "fewer filters in one adapter");
    }

    public void Dispose()
    {
        Outbound.Dispose();
        Session.Dispose();
    }

    private void SetRefused(string? refused)
    {
        RefusedSubscriptions = refused;
        IsSubscribed = true;
        if (refused is not null)
        {
            Events.Report(
                AdapterEventKind.Degraded, $"{Broker} did not grant all subscriptions as requested: {refused}. Check its access rules.");
        }
    }

    /// <summary>Reads the password, again for each connection; null if none is set.</summary>
    private byte[]? ReadPassword()
    {
        return Options.PasswordFile is { } file ? WireSecret.FromFile(file).Read()
            : Options.PasswordEnv is { } variable ? WireSecret.FromEnvironment(variable).Read()
            : null;
    }
}
