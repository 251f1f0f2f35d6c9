using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>
/// For every sample, verdicts.tsv records its version and the verdict of the schema of that version. The validator agrees for all versions
/// it supports completely; every other message is refused as unknown, and so is a file without a message. No sample causes an exception.
/// <see cref="PartialVersionTests"/> has the rows of versions with a partial schema.
/// </summary>
public sealed class VerdictTests
{
    // The verdicts are about Document only. The senders of these samples add a header that its schema, head.001.001.02, does not allow: Fr
    // and To are empty.
    private static readonly string[] s_headerIsWrong = ["fednow/fednow_incoming.xml", "fednow/head_001.xml"];

    private readonly List<string> _taken = [];

    /// <summary>The expected outcome for a message.</summary>
    private enum Fate
    {
        /// <summary>Valid, and translated.</summary>
        Taken,

        /// <summary>Of a known version, and invalid.</summary>
        Wrong,

        /// <summary>Valid, with an invalid header.</summary>
        WrongInItsHeader,

        /// <summary>There is no schema for the message.</summary>
        Unknown,
    }

    private static readonly SampleVerdict[] s_verdicts =
        [.. Samples.Verdicts.Where(verdict => !Samples.OfPartialVersions.Contains(verdict.Path))];

    public static TheoryData<string> Paths => [.. s_verdicts.Select(verdict => verdict.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_sample_has_the_verdict_of_the_schema_of_its_version(string path)
    {
        SampleVerdict verdict = Samples.Verdicts.Single(verdict => verdict.Path == path);
        Iso20022Validator validator = new();
        validator.Feed(Samples.Read(path));
        bool isRight = validator.Complete();
        TranslateStatus read = Read(path);

        Fate fate = FateOf(verdict);
        Assert.True(isRight == (fate == Fate.Taken), $"{verdict.Said}, and found was: {string.Join("; ", validator.Findings)}");
        Assert.Equal(fate == Fate.Unknown ? null : verdict.Version, validator.Definition);
        Assert.Equal((fate == Fate.Taken ? TranslateCode.Ok : TranslateCode.Unfit, isRight), (read.Code, _taken.Count > 0));
        RequireReason(fate, verdict, validator.Findings);
        Assert.True(isRight || read.Describe(default).Contains(validator.Findings[0].Reason.ToString(), StringComparison.Ordinal),
            read.Describe(default));
    }

    [Fact]
    public void Samples_and_verdicts_correspond()
    {
        Assert.Equal(Samples.All, Samples.Verdicts.Select(verdict => verdict.Path).Order(StringComparer.Ordinal));
        Assert.Equal(
            "134 in all: 42 Taken, 7 Wrong, 1 WrongInItsHeader, 84 Unknown",
            $"{s_verdicts.Length} in all: "
            + string.Join(", ", Enum.GetValues<Fate>()
                .Select(fate => $"{s_verdicts.Count(verdict => FateOf(verdict) == fate)} {fate}")));
    }

    private static void RequireReason(Fate fate, SampleVerdict verdict, IReadOnlyList<Iso20022Finding> findings)
    {
        bool isHeaderWrong = s_headerIsWrong.Contains(verdict.Path);
        Iso20022Finding[] ofMessage = [.. findings.Where(finding => !finding.Path.StartsWith("AppHdr/", StringComparison.Ordinal))];
        Assert.Equal(isHeaderWrong, findings.Count > ofMessage.Length);
        switch (fate)
        {
            case Fate.Wrong:
                Assert.Contains(ofMessage, finding => finding.Path.Split('/')[^1].Split('[')[0] == verdict.WrongElement);
                break;
            case Fate.Unknown:
                Assert.Equal(Iso20022Reason.UnknownMessage, Assert.Single(ofMessage).Reason);
                break;
            default:
                Assert.Empty(ofMessage);
                break;
        }
    }

    // Decides by the version and not by the verdict alone: a message may be valid by a schema that is not built in.
    private static Fate FateOf(SampleVerdict verdict)
    {
        bool isKnown = MessageSchemas.Names.Contains(verdict.Version);
        return !isKnown ? Fate.Unknown
            : verdict.IsInvalid ? Fate.Wrong
            : !verdict.IsValid
                ? throw new InvalidOperationException($"{verdict.Path}: there is a schema of {verdict.Version} here, and no verdict by it.")
            : s_headerIsWrong.Contains(verdict.Path) ? Fate.WrongInItsHeader
            : Fate.Taken;
    }

    private TranslateStatus Read(string path)
    {
        Iso20022Reader reader = new(PaymentsPack.Schemas, (schema, message) => _taken.Add(PaymentsPack.Print(schema, message)));
        reader.Feed(Samples.Read(path));
        return reader.Complete();
    }
}
