using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Core;

namespace Estream.Host.Http;

/// <summary>
/// The certificate of the HTTPS listeners, in PEM. Its files are checked when a client connects, at most once a second. An inconsistent
/// pair, as between the two writes of a renewal, does not replace the current certificate. Thread-safe.
/// </summary>
internal sealed partial class ServerCertificate
{
    private const int MaxBytes = 256 * 1024;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly string _certificateFile;
    private readonly string? _keyFile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private SslStreamCertificateContext _current;
    private byte[] _digest;
    private byte[]? _refused;
    private long _lookedAt;

    /// <param name="certificateFile">The file with the certificate and its chain.</param>
    /// <param name="keyFile">The key file (mode 600); null if the certificate file contains the key.</param>
    /// <param name="time">The time provider.</param>
    /// <param name="logger">Logs renewals and unusable files.</param>
    /// <exception cref="EstreamStorageException">A file cannot be read, or others may read the key.</exception>
    /// <exception cref="CryptographicException">The files are not a certificate with its key.</exception>
    public ServerCertificate(string certificateFile, string? keyFile, TimeProvider time, ILogger logger)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _time = time;
        _logger = logger;
        (string certificate, string key) = ReadFiles();
        _current = Load(certificate, key);
        _digest = DigestOf(certificate, key);
        _lookedAt = time.GetTimestamp();
        LogLoaded(logger, _current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime());
    }

    /// <summary>The current certificate.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                if (_time.GetElapsedTime(_lookedAt) >= s_look)
                {
                    _lookedAt = _time.GetTimestamp();
                    Reload();
                }

                return _current;
            }
        }
    }

    private void Reload()
    {
        byte[]? digest = null;
        try
        {
            (string certificate, string key) = ReadFiles();
            digest = DigestOf(certificate, key);
            if (digest.AsSpan().SequenceEqual(_digest))
            {
                return;
            }

            _current = Load(certificate, key);
            _digest = digest;
            _refused = null;
            LogLoaded(_logger, _current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception failure) when (failure is EstreamStorageException or CryptographicException or ArgumentException)
        {
            // The files are checked up to once a second: log the same unusable content only once.
            if (_refused is null || !_refused.AsSpan().SequenceEqual(digest))
            {
                _refused = digest ?? [];
                LogRefused(_logger, _certificateFile, failure.Message);
            }
        }
    }

    private (string Certificate, string Key) ReadFiles()
    {
        string key = SecretFile.ReadText(_keyFile ?? _certificateFile, "key file of HTTPS", MaxBytes);
        return (_keyFile is null ? key : Encoding.UTF8.GetString(ReadPublic(_certificateFile)), key);
    }

    private static byte[] ReadPublic(string file)
    {
        byte[] buffer = new byte[MaxBytes];
        SecretFileOutcome outcome = SecretFile.Read(file, "certificate file of HTTPS", isSecret: false, buffer, out int length, out _);
        return outcome == SecretFileOutcome.Read
            ? buffer[..length]
            : throw new CryptographicException($"'{file}' is longer than {MaxBytes} bytes, so it is not a certificate in PEM.");
    }

    private static SslStreamCertificateContext Load(string certificate, string key)
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), chain, offline: true);
    }

    private static byte[] DigestOf(string certificate, string key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{certificate}\0{key}"));

    [LoggerMessage(EventId = 70, Level = LogLevel.Information,
        Message = "HTTPS uses the certificate of {Subject}, valid until {NotAfter:u}.")]
    private static partial void LogLoaded(ILogger logger, string subject, DateTime notAfter);

    [LoggerMessage(EventId = 71, Level = LogLevel.Warning,
        Message = "The certificate in {File} has changed and cannot be used; HTTPS keeps using the previous certificate. {Reason}")]
    private static partial void LogRefused(ILogger logger, string file, string reason);
}
