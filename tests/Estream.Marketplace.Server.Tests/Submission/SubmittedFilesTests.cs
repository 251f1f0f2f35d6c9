using System.Text;
using Estream.Marketplace.Server.Submission;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Submission;

public sealed class SubmittedFilesTests
{
    private const string Boundary = "edge";

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/mixed; boundary=edge")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    public void A_type_without_a_form_boundary_is_refused(string? type) => Assert.Null(SubmittedFiles.BoundaryOf(type));

    [Fact]
    public async Task A_missing_part_is_a_fault() => await RefusesAsync(Part("package", "a"));

    [Fact]
    public async Task A_repeated_part_is_a_fault() => await RefusesAsync(Part("package", "a"), Part("package", "b"), Part("entry", "c"));

    [Fact]
    public async Task An_unknown_part_is_a_fault() => await RefusesAsync(Part("package", "a"), Part("entry", "b"), Part("more", "c"));

    [Fact]
    public async Task A_part_without_a_name_is_a_fault() => await RefusesAsync("Content-Disposition: form-data\r\n\r\na");

    [Fact]
    public async Task A_digest_that_is_not_hexadecimal_is_a_fault() =>
        await RefusesAsync(Part("package", "a"), Part("entry", "b"), Part("package_sha256", "xyz"));

    [Fact]
    public async Task An_entry_that_is_too_long_is_a_fault()
    {
        SubmissionFault? fault = await RefusesAsync(Part("package", "a"), Part("entry", new string('x', 70_000)));
        Assert.Equal(413, fault!.Status);
    }

    [Fact]
    public async Task A_form_gives_its_parts()
    {
        (SubmittedFiles? files, _) = await ReadAsync(Form(Part("entry", "b"), Part("package", "a")));
        Assert.Equal("a"u8.ToArray(), files!.Package);
        Assert.Equal("b"u8.ToArray(), files.Entry);
    }

    [Property(100, 20_000)]
    public void Any_bytes_give_parts_or_a_fault(byte[] bytes) => Check(ReadAsync(bytes));

    [Property(100, 20_000)]
    public void A_form_with_any_byte_changed_gives_parts_or_a_fault(int place, byte value)
    {
        byte[] form = Form(Part("entry", "b"), Part("package", "a"), Part("package_sha256", new string('0', 64)));
        form[(place & int.MaxValue) % form.Length] = value;
        Check(ReadAsync(form));
    }

    private static void Check(Task<(SubmittedFiles? Files, SubmissionFault? Fault)> reading)
    {
        (SubmittedFiles? files, SubmissionFault? fault) = reading.GetAwaiter().GetResult();
        Assert.True(files is null != fault is null);
    }

    private static async Task<SubmissionFault?> RefusesAsync(params string[] parts)
    {
        (SubmittedFiles? files, SubmissionFault? fault) = await ReadAsync(Form(parts));
        Assert.Null(files);
        Assert.NotNull(fault);
        return fault;
    }

    private static Task<(SubmittedFiles? Files, SubmissionFault? Fault)> ReadAsync(byte[] body) =>
        SubmittedFiles.ReadAsync(new MemoryStream(body), Boundary, CancellationToken.None);

    private static string Part(string name, string content) =>
        $"Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}";

    private static byte[] Form(params string[] parts) =>
        Encoding.Latin1.GetBytes(string.Concat(parts.Select(part => $"--{Boundary}\r\n{part}\r\n")) + $"--{Boundary}--\r\n");
}
