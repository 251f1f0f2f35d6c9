namespace Estream.Wire.Mqtt;

/// <summary>The reason codes of MQTT 5 (section 2.4). Below 0x80 a request succeeded, from 0x80 on it failed.</summary>
/// <remarks>0x00 carries three names in the specification, after the packet it stands in; here it is Success.</remarks>
public enum MqttReasonCode : byte
{
    /// <summary>Success, normal disconnection, or QoS 0 granted.</summary>
    Success = 0x00,

    /// <summary>The subscription was granted with QoS 1.</summary>
    GrantedQos1 = 0x01,

    /// <summary>The subscription was granted with QoS 2.</summary>
    GrantedQos2 = 0x02,

    /// <summary>The client leaves and wants its will published.</summary>
    DisconnectWithWill = 0x04,

    /// <summary>The message was accepted and nobody is subscribed to its topic.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>There was no such subscription to end.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>The authentication exchange goes on.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>A new authentication begins on an open connection.</summary>
    ReAuthenticate = 0x19,

    /// <summary>The other side does not say what went wrong.</summary>
    UnspecifiedError = 0x80,

    /// <summary>The packet cannot be parsed according to the specification.</summary>
    MalformedPacket = 0x81,

    /// <summary>The packet is not allowed here, or says something that is not allowed.</summary>
    ProtocolError = 0x82,

    /// <summary>The packet is valid and this implementation does not take it.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>Another protocol name or version than MQTT 5.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>The client identifier is not acceptable.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>The user name or the password is wrong.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The client may not do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The server is not available now.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server has too much to do; try later.</summary>
    ServerBusy = 0x89,

    /// <summary>This client is shut out by an administrator.</summary>
    Banned = 0x8A,

    /// <summary>The server is stopping.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or is not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>Nothing was heard for one and a half times the keep-alive time.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>Another connection uses the same client identifier now.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is already in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>More unacknowledged messages than Receive Maximum allows.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>The topic alias is zero or larger than allowed.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is larger than Maximum Packet Size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>Messages arrive faster than they may.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit of the implementation or of its administrator is exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>Closed by an administrator.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not what its format indicator says.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not keep retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is higher than the server supports.</summary>
    QosNotSupported = 0x9B,

    /// <summary>Use another server for now.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The server has moved for good.</summary>
    ServerMoved = 0x9D,

    /// <summary>Shared subscriptions are not supported.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Connections arrive faster than they may.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>The longest time a connection may last is over.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>Subscription identifiers are not supported.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>Wildcard subscriptions are not supported.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
