namespace Estream.Cli.Doctor;

/// <summary>The result of a check.</summary>
internal enum DoctorVerdict
{
    /// <summary>The check found no problem.</summary>
    Ok,

    /// <summary>The host works, with the risk described in the text.</summary>
    Warn,

    /// <summary>The host does not start, or loses data.</summary>
    Fail,
}

/// <summary>The finding of one check.</summary>
/// <param name="Verdict">The result.</param>
/// <param name="Check">The subject of the check, in a word or two.</param>
/// <param name="Found">The observed state.</param>
/// <param name="Advice">The recommended action; empty if none is needed.</param>
internal sealed record DoctorFinding(DoctorVerdict Verdict, string Check, string Found, string Advice = "")
{
    public static DoctorFinding Ok(string check, string found) => new(DoctorVerdict.Ok, check, found);

    public static DoctorFinding Warn(string check, string found, string advice) => new(DoctorVerdict.Warn, check, found, advice);

    public static DoctorFinding Fail(string check, string found, string advice) => new(DoctorVerdict.Fail, check, found, advice);
}
