using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>Plays the acceptance scripts of other engines. The answers match the QuickFIX C++ scripts exactly, and the QuickFIX/n scripts
/// except for BodyLength, Text and optional fields.</summary>
public class AcceptanceTests
{
    private static readonly string s_scripts = RepositoryRoot.Combine("tests", "Estream.Wire.Fix.Tests", "Acceptance", "scripts");

    private static readonly Lazy<FixProtocol> s_fix42 = new(() => OfQuickFixN("FIX42.xml"));
    private static readonly Lazy<FixProtocol> s_fix44 = new(() => OfQuickFixN("FIX44.xml"));

    public static TheoryData<string> Exact => Scripts("quickfix-cpp", 115);

    public static TheoryData<string> Loose => Scripts("quickfixn", 126);

    [Theory]
    [MemberData(nameof(Exact))]
    public void Acceptor_passes_the_QuickFIX_script(string script)
    {
        PureAcceptor acceptor = new(
            Options(FixProtocol.Fix42, "TW42"),
            Options(FixProtocol.Fix44, "TW44"),
            Options(FixProtocol.Fix50Sp2, "TW50SP2"),
            Options(FixProtocol.Fix44, "TW"),
            Options(FixProtocol.Fix44, "NO_CHECK_FIELDS_HAVE_VALUES") with { AllowEmptyValues = true });

        Script.Play(Path.Combine(s_scripts, script), acceptor, isLoose: false);
    }

    [Theory]
    [MemberData(nameof(Loose))]
    public void Acceptor_passes_the_QuickFIX_n_script(string script)
    {
        // Some scripts wait for a heartbeat of 30 seconds.
        PureAcceptor acceptor = new(SessionsOf(script.Split('/')[1])) { PatienceSeconds = 40 };

        Script.Play(Path.Combine(s_scripts, script), acceptor, isLoose: true);
    }

    [Fact]
    public void Script_player_fails_when_a_field_differs()
    {
        PureAcceptor acceptor = new(Options(FixProtocol.Fix44, "TW44"));
        using TempDirectory place = new();
        string file = Path.Combine(place.Path, "wrong.def");
        string script = File.ReadAllText(Path.Combine(s_scripts, "quickfix-cpp", "fix44", "4b_ReceivedTestRequest.def"));
        File.WriteAllText(file, script.Replace("112=HELLO\u000110=", "112=HALLO\u000110=", StringComparison.Ordinal));

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => Script.Play(file, acceptor, isLoose: false));

        Assert.Contains("field 112", failure.InnerException!.Message, StringComparison.Ordinal);
    }

    /// <summary>The sessions for the scripts in a folder, with the settings of QuickFIX/n.</summary>
    private static FixSessionOptions[] SessionsOf(string folder)
    {
        FixSessionOptions ofFix44 = Options(s_fix44.Value, "TW");
        return folder switch
        {
            "misc" =>
            [
                Options(s_fix42.Value, "TW") with
                {
                    SenderSubId = "SENDERSUB", SenderLocationId = "SENDERLOC", TargetSubId = "TARGETSUB", TargetLocationId = "TARGETLOC",
                    SendsLastMsgSeqNumProcessed = true, MaxResendRequest = 2_500, SendsLogoutOnTimeout = true,
                },
            ],
            "enhancedresend" => [ofFix44 with { SendsLastMsgSeqNumProcessed = true, MaxResendRequest = 10 }],
            "fix44noreset" => [ofFix44 with { ResetOnLogon = false }],
            _ => [Options(FixProtocol.Fix42, "TW"), ofFix44, Options(FixProtocol.Fix50Sp2, "TW")],
        };
    }

    private static FixProtocol OfQuickFixN(string file)
    {
        return FixProtocol.Of(FixDictionary.Load(Path.Combine(s_scripts, "quickfixn", file)));
    }

    private static FixSessionOptions Options(FixProtocol protocol, string targetCompId)
    {
        return SessionRig.Options(protocol) with { TargetCompId = targetCompId, ResetOnLogon = true };
    }

    private static TheoryData<string> Scripts(string set, int count)
    {
        string folder = Path.Combine(s_scripts, set);
        string[] files = Directory.GetFiles(folder, "*.def", SearchOption.AllDirectories);
        Assert.True(files.Length == count, $"{files.Length} scripts in {folder}, expected {count}");
        return [.. files.Select(file => Path.GetRelativePath(s_scripts, file)).Order(StringComparer.Ordinal)];
    }
}
