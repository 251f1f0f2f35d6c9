using System.Runtime.Versioning;
using System.Text;
using Estream.Core;
using Estream.Testing;

namespace Estream.Crypto.Tests.Access;

[SupportedOSPlatform("linux")]
public sealed class AccessTokenFileTests : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TempDirectory _folder = new();

    private string File => _folder.Combine("tokens");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nonsense")]
    [InlineData("1234\tViewer\t1\t0\tabcd\t\t")]
    [InlineData("1234\tBoss\t1\t0\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer queue=a\t1\t0\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer queue=a:write\t1\t0\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer other\t1\t0\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer\t-1\t0\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer\t1\t9999999999999999\t0000000000000000000000000000000000000000000000000000000000000000\t\t")]
    [InlineData("1234\tViewer\t1\t0\tg000000000000000000000000000000000000000000000000000000000000000\t\t")]
    public void Load_names_the_line_that_is_not_a_token(string line)
    {
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        System.IO.File.AppendAllText(File, line + "\n");

        EstreamCorruptionException refused = Assert.Throws<EstreamCorruptionException>(() => AccessTokenFile.Load(File));

        Assert.Contains("Line 3 of the token file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_by_root_keeps_the_owner_of_the_file_or_of_its_folder()
    {
        if (FolderHandle.CurrentUser != 0)
        {
            return;   // only root can create files for another user
        }

        const string NoUser = "65534";
        ChildProcess.Run("chown", [NoUser, _folder.Path]).EnsureSuccess();
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        Assert.Equal(NoUser, OwnerOf(File));
        Assert.Equal(NoUser, OwnerOf(File + ".lock"));
        ChildProcess.Run("chown", ["0", _folder.Path]).EnsureSuccess();
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        Assert.Equal(NoUser, OwnerOf(File));
    }

    private static string OwnerOf(string file) => ChildProcess.Run("stat", ["-c", "%u", file]).Output.Trim();

    [Fact]
    public void Load_throws_for_a_file_to_which_others_have_access()
    {
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        EstreamStorageException refused = Assert.Throws<EstreamStorageException>(() => AccessTokenFile.Load(File));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_throws_while_another_change_is_in_progress()
    {
        using (new FileStream(File + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Throws<EstreamStorageException>(() => AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now));
        }

        // A killed change leaves its new file, with any mode, and no lock.
        System.IO.File.WriteAllText(File + ".new", "half a fi");
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        Assert.Single(AccessTokenFile.Load(File).Tokens);
        Assert.Equal(SecretFile.OwnerOnly, System.IO.File.GetUnixFileMode(File));
        Assert.False(System.IO.File.Exists(File + ".new"));
    }

    [Fact]
    public void Parallel_changes_lose_nothing_that_they_report_as_done()
    {
        int done = 0;
        Parallel.For(0, 64, number =>
        {
            try
            {
                AccessTokenFile.Create(File, $"{number}", AccessRole.Viewer, null, s_now);
                Interlocked.Increment(ref done);
            }
            catch (EstreamStorageException)
            {
                // Another change was in progress.
            }
        });

        Assert.InRange(done, 1, 64);
        Assert.Equal(done, AccessTokenFile.Load(File).Tokens.Count);
    }

    [Theory]
    [InlineData("tab\tinside", AccessRole.Viewer, 1)]
    [InlineData("", AccessRole.None, 1)]
    [InlineData("", (AccessRole)9, 1)]
    [InlineData("", AccessRole.Viewer, 0)]
    public void Create_throws_for_an_invalid_name_role_or_lifetime(string name, AccessRole role, int hours)
    {
        Assert.Throws<ArgumentException>(() => AccessTokenFile.Create(File, name, role, TimeSpan.FromHours(hours), s_now));
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_token_is_found_until_it_expires_and_its_file_has_only_its_hash()
    {
        string token = AccessTokenFile.Create(File, "ann", AccessRole.Operator, TimeSpan.FromHours(1), s_now);
        AccessTokenFile.Create(File, "bob", AccessRole.Admin, null, s_now);
        AccessTokenFile tokens = AccessTokenFile.Load(File);

        Assert.True(tokens.TryFind(token, s_now.AddMinutes(59), out AccessToken? found));
        Assert.Equal(("ann", AccessRole.Operator, s_now, s_now.AddHours(1)), (found.Name, found.Role, found.CreatedAt, found.ExpiresAt));
        Assert.False(tokens.TryFind(token, s_now.AddHours(1), out _));
        Assert.False(tokens.TryFind(token[..^1], s_now, out _));
        Assert.DoesNotContain(token["est_12345678_".Length..], System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal(SecretFile.OwnerOnly, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void Scopes_are_kept_and_a_line_without_scopes_reaches_everything()
    {
        AccessScopes scopes = AccessScopes.Create(["telemetry*:append", "log:read,append"], ["settings:write"], reachesFhir: false);
        string limited = AccessTokenFile.Create(File, "a b", AccessRole.Operator, null, s_now, scopes);
        string whole = AccessTokenFile.Create(File, "", AccessRole.Operator, null, s_now);
        AccessTokenFile tokens = AccessTokenFile.Load(File);

        Assert.True(tokens.TryFind(limited, s_now, out AccessToken? found));
        Assert.Equal(("a b", AccessRole.Operator, scopes), (found.Name, found.Role, found.Scopes));
        Assert.True(tokens.TryFind(whole, s_now, out found));
        Assert.Equal(AccessScopes.All, found.Scopes);
        Assert.Contains("\tOperator queue=telemetry*:append queue=log:read,append map=settings:write fhir=none\t",
            System.IO.File.ReadAllText(File), StringComparison.Ordinal);
    }

    [Fact]
    public void A_right_to_change_something_needs_the_role_operator()
    {
        AccessScopes scopes = AccessScopes.Create(["a:append"], [], reachesFhir: true);

        Assert.Throws<ArgumentException>(() => AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now, scopes));
    }

    [Fact]
    public void A_name_is_refused_until_its_token_is_revoked_or_expired()
    {
        AccessTokenFile.Create(File, "ann", AccessRole.Viewer, TimeSpan.FromHours(1), s_now);
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        AccessTokenFile.Create(File, "", AccessRole.Viewer, null, s_now);
        string unnamed = AccessTokenFile.Load(File).Tokens[1].Id;

        foreach (string name in (string[])["ann", unnamed])
        {
            ArgumentException refused =
                Assert.Throws<ArgumentException>(() => AccessTokenFile.Create(File, name, AccessRole.Viewer, null, s_now));
            Assert.Contains($"estream token revoke {name}", refused.Message, StringComparison.Ordinal);
        }

        AccessTokenFile.Create(File, "ann", AccessRole.Viewer, null, s_now.AddHours(1));
        Assert.Equal(2, AccessTokenFile.Revoke(File, "ann").Count);
        AccessTokenFile.Create(File, "ann", AccessRole.Viewer, null, s_now);
        Assert.Equal(3, AccessTokenFile.Load(File).Tokens.Count);
    }

    [Theory]
    [InlineData("team", "team.alice")]
    [InlineData("team.alice", "team")]
    public void A_name_that_would_reach_the_cursors_of_another_token_is_refused(string first, string second)
    {
        AccessTokenFile.Create(File, first, AccessRole.Viewer, TimeSpan.FromHours(1), s_now);

        ArgumentException refused =
            Assert.Throws<ArgumentException>(() => AccessTokenFile.Create(File, second, AccessRole.Viewer, null, s_now));

        Assert.Contains($"a valid token named '{first}'", refused.Message, StringComparison.Ordinal);
        AccessTokenFile.Create(File, "teams", AccessRole.Viewer, null, s_now);
        AccessTokenFile.Create(File, second, AccessRole.Viewer, null, s_now.AddHours(1));
    }

    [Fact]
    public void A_revoked_token_is_gone_and_the_others_stay()
    {
        string ann = AccessTokenFile.Create(File, "ann", AccessRole.Viewer, null, s_now);
        string bob = AccessTokenFile.Create(File, "bob", AccessRole.Viewer, null, s_now);

        Assert.Equal("ann", Assert.Single(AccessTokenFile.Revoke(File, "ann")).Name);
        Assert.Empty(AccessTokenFile.Revoke(File, "ann"));
        AccessTokenFile tokens = AccessTokenFile.Load(File);
        Assert.False(tokens.TryFind(ann, s_now, out _));
        Assert.True(tokens.TryFind(bob, s_now, out AccessToken? left));
        Assert.Equal(left, Assert.Single(AccessTokenFile.Revoke(File, left.Id)));
        Assert.Empty(AccessTokenFile.Revoke(_folder.Combine("none"), "ann"));
    }

    [Fact]
    public void Load_of_any_bytes_returns_tokens_or_throws()
    {
        Random random = new(30);
        byte[] good = Encoding.UTF8.GetBytes(
            "# estream tokens 1\n12345678\tViewer queue=a*:read fhir=none\t1\t0\t" + new string('0', 64) + "\tann\n");
        for (int round = 0; round < LongRun.Count(2_000, 200_000); round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(4); change >= 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            System.IO.File.WriteAllBytes(File, bytes);
            System.IO.File.SetUnixFileMode(File, SecretFile.OwnerOnly);
            try
            {
                Assert.InRange(AccessTokenFile.Load(File).Tokens.Count, 0, bytes.Length);
            }
            catch (EstreamCorruptionException)
            {
                // The error names the line, as tested above.
            }
        }
    }
}
