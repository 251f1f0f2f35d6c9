namespace Estream.Witness;

/// <summary>What a <see cref="StateProof"/> shows.</summary>
public enum StateAnswer
{
    /// <summary>Nothing.</summary>
    Unproven,

    /// <summary>The map held the value. Whether that had ended by then, <see cref="StateProof.ExpiresAt"/> says.</summary>
    Held,

    /// <summary>The map did not hold the key.</summary>
    Absent,
}
