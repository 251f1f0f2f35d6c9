namespace Estream.Circuits;

/// <summary>How closely the messages of a stream are looked at. Each level sees what those before it see.</summary>
public enum ObservationLevel
{
    /// <summary>L0: messages and bytes are counted.</summary>
    Counters = 0,

    /// <summary>L1: it is also measured how long each message takes, from its append until what becomes of it is permanent.</summary>
    Distributions = 1,

    /// <summary>L2: some messages are also traced, place by place.</summary>
    SampledTraces = 2,

    /// <summary>L3: all are, as far as the budget goes.</summary>
    AllTraces = 3,
}
