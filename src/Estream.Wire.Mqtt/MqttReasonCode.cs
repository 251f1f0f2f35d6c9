namespace Estream.Wire.Mqtt;

/// <summary>The reason codes of MQTT 5 (section 2.4). Codes below 0x80 report success, codes from 0x80 report failure.</summary>
/// <remarks>The specification gives 0x00 three names, one for each use of the code; this enumeration calls it Success.</remarks>
public enum MqttReasonCode : byte
{
    /// <summary>Success, normal disconnection, or QoS 0 granted.</summary>
    Success = 0x00,

    /// <summary>The subscription was granted with QoS 1.</summary>
    GrantedQos1 = 0x01,

    /// <summary>The subscription was granted with QoS 2.</summary>
    GrantedQos2 = 0x02,

    /// <summary>The client disconnects and asks the server to publish its will.</summary>
    DisconnectWithWill = 0x04,

    /// <summary>The message was accepted, but no subscription matches its topic.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>The topic filter of an UNSUBSCRIBE matches no subscription of the session.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>The authentication exchange continues.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>The client starts a re-authentication on an open connection.</summary>
    ReAuthenticate = 0x19,

    /// <summary>The sender does not disclose the reason, or no other code applies.</summary>
    UnspecifiedError = 0x80,

    /// <summary>The packet does not conform to the format of the specification.</summary>
    MalformedPacket = 0x81,

    /// <summary>The packet is unexpected, or its content is not allowed.</summary>
    ProtocolError = 0x82,

    /// <summary>The packet is valid, but this implementation does not accept it.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The server does not support the protocol name or version that the client requested.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>The client identifier is not accepted.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>The user name or the password is wrong.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The client is not authorized to do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The server is not available now.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy. Try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>An administrator has banned this client.</summary>
    Banned = 0x8A,

    /// <summary>The server is shutting down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or differs from the method in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>No packet arrived for one and a half times the keep-alive time.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>Another connection with the same client identifier has taken over the session.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is already in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>The peer sent more unacknowledged messages than Receive Maximum allows.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>The topic alias is 0 or above Topic Alias Maximum.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is larger than Maximum Packet Size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>Messages arrive faster than allowed.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit of the implementation or of its administrator was exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>An administrator closed the connection.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload does not match its Payload Format Indicator.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not support retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is higher than the server supports.</summary>
    QosNotSupported = 0x9B,

    /// <summary>The client should use another server for now.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The server has moved permanently.</summary>
    ServerMoved = 0x9D,

    /// <summary>Shared subscriptions are not supported.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Connections arrive faster than allowed.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>The maximum time allowed for this connection has passed.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>Subscription identifiers are not supported.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>Wildcard subscriptions are not supported.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
