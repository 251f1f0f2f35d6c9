namespace Estream.Fpga;

/// <summary>How a card of a target stands.</summary>
public enum FpgaCardState
{
    /// <summary>It takes work.</summary>
    Ready,

    /// <summary>It is not there, or has failed several times in a row; it is looked for again.</summary>
    Out,
}
