namespace Estream.Cli.Doctor;

/// <summary>How a check went.</summary>
internal enum DoctorVerdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, with a risk that the text names.</summary>
    Warn,

    /// <summary>The host does not start, or loses data.</summary>
    Fail,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Verdict">How it is.</param>
/// <param name="Check">What was looked at, in a word or two.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do; empty if nothing.</param>
internal sealed record DoctorFinding(DoctorVerdict Verdict, string Check, string Found, string Advice = "")
{
    public static DoctorFinding Ok(string check, string found) => new(DoctorVerdict.Ok, check, found);

    public static DoctorFinding Warn(string check, string found, string advice) => new(DoctorVerdict.Warn, check, found, advice);

    public static DoctorFinding Fail(string check, string found, string advice) => new(DoctorVerdict.Fail, check, found, advice);
}
