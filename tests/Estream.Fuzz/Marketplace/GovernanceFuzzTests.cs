using Estream.Crypto;
using Estream.Fuzz.Crypto;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Governance.Scripts;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Fuzz.Marketplace;

/// <summary>Damages the files of a registry that decide about releases, and the request for a widget: each is read or rejected with a
/// reason, and nothing throws. A failure names its seed.</summary>
public sealed class GovernanceFuzzTests
{
    [Fact]
    public void Damaged_governance_settings_are_rejected_or_keep_valid_limits_and_scanners()
    {
        byte[] whole =
            """{ "releasesADay": 20, "scanSeconds": 60, "scanners": [ { "name": "clam", "command": ["clamscan", "--no-summary", "{package}"] }, { "name": "yara", "command": ["yara", "{package}"] } ] }"""u8.ToArray();
        int read = 0;
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            if (PublishSettings.TryRead(Damage.Of(whole, new Random(seed)), out PublishOptions? options, out string? reason))
            {
                Assert.All(options.Scanners, scanner => Assert.Contains(ProgramScanner.PackageMark, ((ProgramScanner)scanner).Command));
                Assert.InRange(options.MostADay, 1, int.MaxValue);
                Assert.True(options.ScanTime > TimeSpan.Zero, $"seed {seed}");
                read++;
            }
            else
            {
                Assert.False(string.IsNullOrEmpty(reason), $"seed {seed}");
            }
        }

        Assert.InRange(read, 1, 1_000_000);
    }

    [Fact]
    public void A_damaged_daily_account_is_read_or_rejected()
    {
        byte[] whole =
            """{"published":[{"at":"2026-11-23T06:33:00Z","namespace":"@acme"},{"at":"2026-11-23T06:34:00Z","namespace":"@acme"}]}"""u8.ToArray();
        Assert.True(PublishRateLimiter.TryRead(whole, out IReadOnlyList<PublishTimeEntry>? entries, out _));
        Assert.Equal(2, entries.Count);
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            Assert.True(PublishRateLimiter.TryRead(Damage.Of(whole, new Random(seed)), out entries, out string? reason)
                ? entries.All(entry => entry.Namespace.Length > 0) : !string.IsNullOrEmpty(reason), $"seed {seed}");
        }
    }

    [Fact]
    public void A_damaged_widget_request_is_decided_or_unreadable()
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
        WidgetRelease release = new()
        {
            WidgetId = "@acme/doors",
            Version = "1.0.0",
            PublisherId = WidgetRelease.IdOf(key.PublicKey.PublicKey.Span),
            ManifestHash = new byte[32],
            BundleHash = new byte[32],
            BundleSizeBytes = 7,
            RequiredRoles = ["viewer"],
            RequestedTrustLevel = WidgetTrust.Community,
        };
        byte[] whole = release.ToRequest(release.Sign(key));
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            byte[] damaged = Damage.Of(whole, new Random(seed));
            if (WidgetRelease.TryRead(damaged, out WidgetRelease? read))
            {
                Assert.Equal(WidgetRelease.DigestBytes, read.Digest().Length);
            }

            // A decision creates some files, so only every hundredth case makes a decision.
            if (seed % 100 == 0)
            {
                WidgetDecision decision =
                    WidgetPublishReview.Decide(damaged, [new WidgetPublisher(key.PublicKey.PublicKey, "@acme")], null, Nothing);
                Assert.NotEqual(true, decision.IsApproved);
                Assert.NotEmpty(decision.Reasons);
            }
        }
    }

    [Fact]
    public void A_damaged_part_of_a_widget_or_theme_is_read_or_its_errors_are_reported()
    {
        string folder = RepositoryRoot.Combine("src", "Estream.Cli", "Templates");
        string[] names = ["console-widget/assets/icon.svg", "console-widget/assets/thumbnail.png", "console-widget/dist/index.js",
            "console-widget/widget.manifest.yaml", "theme/theme.css"];
        byte[][] files = [.. names.Select(file => File.ReadAllBytes(Path.Combine(folder, file)))];
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            byte[] damaged = Damage.Of(files[seed % files.Length], new Random(seed));
            Assert.NotEqual("", WidgetPictures.IconFault(damaged));
            Assert.NotEqual("", WidgetPictures.PngFault(damaged));
            Findings module = new();
            ScriptModule.Check(damaged, module);
            Assert.All(WidgetManifest.Read(damaged).Faults.Concat(module.Texts), fault => Assert.NotEqual("", fault));
            ThemeStylesheet theme = ThemeStylesheet.Read(damaged, ["light", "dark"]);
            Assert.True(theme.Findings.Count == 0 || theme.Tokens.Count == 0, $"seed {seed}");
            Assert.All(theme.Tokens.Keys, token => Assert.Contains(token, ThemeStylesheet.Defaults.Keys));
        }
    }

    private static WidgetContentStatus Nothing(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content)
    {
        content = default;
        return WidgetContentStatus.Missing;
    }
}
